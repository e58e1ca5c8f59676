/// One family of the metrics endpoint: declared here, fed by whoever knows the figure.
package struct MetricFamily: Hashable, Sendable {
  package enum Kind: Hashable, Sendable {
    case counter
    case gauge
    /// Upper bounds of the buckets, ascending, without infinity.
    case histogram([Double])
  }

  package var name: String
  package var help: String
  package var kind: Kind

  package init(_ name: String, _ kind: Kind, _ help: String) {
    self.name = name
    self.kind = kind
    self.help = help
  }
}

extension MetricFamily {
  package static let buildInfo = MetricFamily(
    "switchyard_build_info", .gauge, "Always 1; the version is a label.")
  package static let callbacksAccepted = MetricFamily(
    "switchyard_callbacks_accepted_total", .counter, "Callbacks made durable and answered OK.")
  package static let callbacksDuplicate = MetricFamily(
    "switchyard_callbacks_duplicate_total", .counter, "Callbacks that repeat one already accepted.")
  package static let callbacksUnsplit = MetricFamily(
    "switchyard_callbacks_unsplit_total", .counter, "Callbacks carried whole because of their shape, by reason.")
  package static let callbacksRejected = MetricFamily(
    "switchyard_callbacks_rejected_total", .counter, "Callbacks refused, by reason.")
  package static let eventsAccepted = MetricFamily(
    "switchyard_events_accepted_total", .counter, "Events made durable, by type.")
  package static let ackDuration = MetricFamily(
    "switchyard_ack_duration_seconds",
    .histogram([0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 1.5, 2]),
    "From the last byte of a callback, or from its decider's answer, to the answer.")
  package static let commitDuration = MetricFamily(
    "switchyard_journal_commit_duration_seconds",
    .histogram([0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1]), "One group commit of the journal.")
  package static let journalSize = MetricFamily(
    "switchyard_journal_size_bytes", .gauge, "Bytes of the journal that hold data.")
  package static let journalFree = MetricFamily(
    "switchyard_journal_free_bytes", .gauge, "Bytes the journal can still grow by.")
  package static let spoolCallbacks = MetricFamily(
    "switchyard_spool_callbacks", .gauge, "Callbacks in the spool that PostgreSQL does not have yet.")
  package static let spoolOldest = MetricFamily(
    "switchyard_spool_oldest_timestamp_seconds", .gauge,
    "When the oldest of them was received; 0 when the spool is empty.")
  package static let spooledCallbacks = MetricFamily(
    "switchyard_spooled_callbacks_total", .counter, "Callbacks that were made durable in the spool.")
  package static let deliveryAttempts = MetricFamily(
    "switchyard_delivery_attempts_total", .counter, "Attempts at a delivery, by outcome.")
  package static let attemptDuration = MetricFamily(
    "switchyard_delivery_attempt_duration_seconds",
    .histogram([0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 15, 30]), "How long an attempt took.")
  package static let deliveryLag = MetricFamily(
    "switchyard_delivery_lag_seconds",
    .histogram([0.01, 0.05, 0.1, 0.5, 1, 5, 15, 60, 300, 1800, 7200, 36_000, 86_400, 259_200]),
    "From the acceptance of an event to its delivery.")
  package static let deliveries = MetricFamily(
    "switchyard_deliveries_total", .counter, "Events delivered, dead or expired.")
  package static let deliveriesInFlight = MetricFamily(
    "switchyard_deliveries_in_flight", .gauge, "Requests under way.")
  package static let backlog = MetricFamily(
    "switchyard_backlog_events", .gauge, "Events accepted for the subscriber that are neither delivered nor dead.")
  package static let oldestUndelivered = MetricFamily(
    "switchyard_oldest_undelivered_timestamp_seconds", .gauge,
    "When the oldest undelivered event was accepted; 0 when nothing waits.")
  package static let retriesWaiting = MetricFamily(
    "switchyard_retries_waiting", .gauge, "Failed deliveries that wait for their next attempt.")
  package static let deadLetters = MetricFamily(
    "switchyard_dead_letters", .gauge, "Dead letters that are kept.")
  package static let subscriberState = MetricFamily(
    "switchyard_subscriber_state", .gauge, "1 for the state the subscriber is in, 0 for the others.")
  package static let subscriberInfo = MetricFamily(
    "switchyard_subscriber_info", .gauge, "Always 1; the owner is a label.")
  package static let decisionDuration = MetricFamily(
    "switchyard_decision_duration_seconds",
    .histogram([0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 0.75, 1, 1.25, 1.5]),
    "How long a decider took to answer, or to fail, by command and outcome.")
  package static let decisionsUnjournaled = MetricFamily(
    "switchyard_decisions_unjournaled_total", .counter,
    "Callbacks that ask before something happens and were answered although they were not durable in time.")
  package static let routesReloads = MetricFamily(
    "switchyard_routes_reloads_total", .counter, "Times the routes file was read again, by result.")
  package static let routesLastReloadSuccessful = MetricFamily(
    "switchyard_routes_last_reload_successful", .gauge, "1 if the routes file was good when last read.")
  package static let routesLastReloadSuccess = MetricFamily(
    "switchyard_routes_last_reload_success_timestamp_seconds", .gauge, "When the routes file last took effect.")
  package static let gateways = MetricFamily(
    "switchyard_gateways", .gauge, "Live gateways that share the journal.")
  package static let routesFingerprints = MetricFamily(
    "switchyard_routes_fingerprints", .gauge,
    "Different routes files in force among the gateways that share the journal.")
  package static let lanesOwned = MetricFamily(
    "switchyard_lanes_owned", .gauge, "Subscribers that this gateway delivers to.")

  /// Every family that is served.
  package static let all: [MetricFamily] = [
    buildInfo, callbacksAccepted, callbacksDuplicate, callbacksUnsplit, callbacksRejected, eventsAccepted, ackDuration,
    commitDuration, journalSize, journalFree, spoolCallbacks, spoolOldest, spooledCallbacks, deliveryAttempts,
    attemptDuration, deliveryLag, deliveries, deliveriesInFlight, backlog, oldestUndelivered, retriesWaiting,
    deadLetters, subscriberState, subscriberInfo, decisionDuration, decisionsUnjournaled, routesReloads,
    routesLastReloadSuccessful, routesLastReloadSuccess, gateways, routesFingerprints, lanesOwned,
  ]
}
