/// What the journal still knows of events.
package protocol EventHistory: Sendable {
  /// Looks at a bounded number of callbacks, from where the query says, oldest first.
  func events(_ query: EventQuery) async throws(ControlError) -> EventPage
  /// What became of one event.
  func story(of event: EventID) async throws(ControlError) -> EventStory
}

package struct EventQuery: Sendable {
  /// Accepted at or after this.
  package var from: Timestamp?
  /// Accepted before this.
  package var to: Timestamp?
  package var pattern: EventPattern?
  package var app: AppID?
  /// The `from`, `to`, `account` or `group` of an event.
  package var account: String?
  /// The most that is returned.
  package var limit: Int
  /// Where to go on; nil: at the beginning.
  package var position: SequenceNumber?

  package init(
    from: Timestamp? = nil, to: Timestamp? = nil, pattern: EventPattern? = nil, app: AppID? = nil,
    account: String? = nil, limit: Int, position: SequenceNumber? = nil
  ) {
    self.from = from
    self.to = to
    self.pattern = pattern
    self.app = app
    self.account = account
    self.limit = limit
    self.position = position
  }
}

package struct EventPage: Sendable {
  package var events: [EventSummary]
  /// Where to go on; nil at the end.
  package var next: SequenceNumber?

  package init(events: [EventSummary], next: SequenceNumber?) {
    self.events = events
    self.next = next
  }
}

package struct EventSummary: Hashable, Sendable {
  package var id: EventID
  package var kind: EventKind
  package var receivedAt: Timestamp
  /// As the event has it, RFC 3339.
  package var time: String
  package var values: [EventMatch.Field: String]

  package init(
    id: EventID, kind: EventKind, receivedAt: Timestamp, time: String, values: [EventMatch.Field: String]
  ) {
    self.id = id
    self.kind = kind
    self.receivedAt = receivedAt
    self.time = time
    self.values = values
  }
}

/// One event, how its callback came, and what became of it at each subscriber.
package struct EventStory: Sendable {
  package var id: EventID
  /// As subscribers get it.
  package var body: [UInt8]
  package var sequence: SequenceNumber
  /// Its callback.
  package var batch: any DerivedBatch
  package var deliveries: [DeliveryStory]

  package init(
    id: EventID, body: [UInt8], sequence: SequenceNumber, batch: any DerivedBatch, deliveries: [DeliveryStory]
  ) {
    self.id = id
    self.body = body
    self.sequence = sequence
    self.batch = batch
    self.deliveries = deliveries
  }
}

/// What became of one event in one lane.
package struct DeliveryStory: Hashable, Sendable {
  package enum State: String, Hashable, Sendable {
    case delivered
    case retrying
    /// Its turn has not come, or it is on its way.
    case waiting
    case dead
    case expired
    case notWanted = "not_wanted"
    /// It was accepted before the subscriber was known.
    case beforeStart = "before_start"
    /// The subscriber is no longer in the routes file.
    case removed
  }

  package var subscriber: String
  package var replay: ReplayID?
  package var state: State
  package var reason: String?
  package var dueAt: Timestamp?
  package var deadLetter: DeadLetterID?
  /// Those kept, oldest first.
  package var attempts: [AttemptRecord]

  package init(
    subscriber: String, replay: ReplayID? = nil, state: State, reason: String? = nil, dueAt: Timestamp? = nil,
    deadLetter: DeadLetterID? = nil, attempts: [AttemptRecord] = []
  ) {
    self.subscriber = subscriber
    self.replay = replay
    self.state = state
    self.reason = reason
    self.dueAt = dueAt
    self.deadLetter = deadLetter
    self.attempts = attempts
  }
}
