/// The state of a subscriber as metrics and the admin API show it.
package enum SubscriberState: String, Hashable, Sendable, CaseIterable, Codable {
  case closed
  case halfOpen = "half_open"
  case open
  case held
  case paused
  case misconfigured
}

/// One subscriber at a moment.
package struct SubscriberStatus: Hashable, Sendable {
  package var name: String
  /// Without a password; nil if it is misconfigured.
  package var url: String?
  package var owner: String?
  /// Differs when its settings differ; nil if it is misconfigured.
  package var fingerprint: String?
  package var events: [String]
  package var state: SubscriberState
  /// Why it is in that state, where there is more to say.
  package var reason: String?
  package var backlogEvents: Int
  /// When the oldest undelivered event was accepted; nil when nothing waits.
  package var oldestUndelivered: Timestamp?
  package var retriesWaiting: Int
  package var deadLetters: Int
  package var inFlight: Int
  package var cursor: SequenceNumber
  /// Since the process started.
  package var delivered: Int
  package var dead: Int
  package var expired: Int
  package var attempts: [AttemptOutcome: Int]
  /// The name of the gateway that works it, where several share the journal; nil if none does.
  package var workedBy: String?
  /// Whether this gateway tells what there is to tell of it: not what another works.
  package var isWorkedHere: Bool

  package init(
    name: String, url: String?, owner: String?, fingerprint: String? = nil, events: [String], state: SubscriberState,
    reason: String?, backlogEvents: Int, oldestUndelivered: Timestamp?, retriesWaiting: Int, deadLetters: Int,
    inFlight: Int,
    cursor: SequenceNumber, delivered: Int, dead: Int, expired: Int, attempts: [AttemptOutcome: Int],
    workedBy: String? = nil, isWorkedHere: Bool = true
  ) {
    self.name = name
    self.url = url
    self.owner = owner
    self.fingerprint = fingerprint
    self.events = events
    self.state = state
    self.reason = reason
    self.backlogEvents = backlogEvents
    self.oldestUndelivered = oldestUndelivered
    self.retriesWaiting = retriesWaiting
    self.deadLetters = deadLetters
    self.inFlight = inFlight
    self.cursor = cursor
    self.delivered = delivered
    self.dead = dead
    self.expired = expired
    self.attempts = attempts
    self.workedBy = workedBy
    self.isWorkedHere = isWorkedHere
  }
}

/// The gateways that share a journal, as one of them knows it.
package struct GatewayFleet: Hashable, Sendable {
  /// Those whose lease runs; 1 where the journal is one gateway's alone.
  package var gateways: Int
  /// How many different routes files they have in force.
  package var fingerprints: Int
  /// Subscribers whose lanes this gateway works.
  package var lanesOwned: Int

  package init(gateways: Int = 1, fingerprints: Int = 1, lanesOwned: Int = 0) {
    self.gateways = gateways
    self.fingerprints = fingerprints
    self.lanesOwned = lanesOwned
  }
}

/// Differs when an app's settings differ.
package struct AppFingerprint: Hashable, Sendable {
  package var app: AppID
  package var text: String

  package init(app: AppID, text: String) {
    self.app = app
    self.text = text
  }
}

/// The gateway as a whole at a moment.
package struct GatewayStatus: Hashable, Sendable {
  package var version: String
  package var startedAt: Timestamp
  package var head: SequenceNumber
  package var space: JournalSpace
  package var routesFingerprint: String
  /// Of each app's settings, in the file's order.
  package var appFingerprints: [AppFingerprint]
  package var decisionsFingerprint: String
  package var routesLoadedAt: Timestamp
  /// Problems of the routes file when it was last read, if it was not taken.
  package var routesProblems: [RoutesProblem]
  package var callbacksAccepted: Int
  package var callbacksDuplicate: Int
  package var callbacksRejected: Int
  package var eventsAccepted: Int
  package var subscribers: [SubscriberStatus]
  package var fleet: GatewayFleet

  package init(
    version: String, startedAt: Timestamp, head: SequenceNumber, space: JournalSpace, routesFingerprint: String,
    appFingerprints: [AppFingerprint] = [], decisionsFingerprint: String = "", routesLoadedAt: Timestamp,
    routesProblems: [RoutesProblem], callbacksAccepted: Int, callbacksDuplicate: Int,
    callbacksRejected: Int, eventsAccepted: Int, subscribers: [SubscriberStatus],
    fleet: GatewayFleet = GatewayFleet()
  ) {
    self.version = version
    self.startedAt = startedAt
    self.head = head
    self.space = space
    self.routesFingerprint = routesFingerprint
    self.appFingerprints = appFingerprints
    self.decisionsFingerprint = decisionsFingerprint
    self.routesLoadedAt = routesLoadedAt
    self.routesProblems = routesProblems
    self.callbacksAccepted = callbacksAccepted
    self.callbacksDuplicate = callbacksDuplicate
    self.callbacksRejected = callbacksRejected
    self.eventsAccepted = eventsAccepted
    self.subscribers = subscribers
    self.fleet = fleet
  }
}
