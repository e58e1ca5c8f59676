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

  package init(
    name: String, url: String?, owner: String?, fingerprint: String? = nil, events: [String], state: SubscriberState,
    reason: String?, backlogEvents: Int, oldestUndelivered: Timestamp?, retriesWaiting: Int, deadLetters: Int,
    inFlight: Int,
    cursor: SequenceNumber, delivered: Int, dead: Int, expired: Int, attempts: [AttemptOutcome: Int]
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

  package init(
    version: String, startedAt: Timestamp, head: SequenceNumber, space: JournalSpace, routesFingerprint: String,
    appFingerprints: [AppFingerprint] = [], decisionsFingerprint: String = "", routesLoadedAt: Timestamp,
    routesProblems: [RoutesProblem], callbacksAccepted: Int, callbacksDuplicate: Int,
    callbacksRejected: Int, eventsAccepted: Int, subscribers: [SubscriberStatus]
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
  }
}
