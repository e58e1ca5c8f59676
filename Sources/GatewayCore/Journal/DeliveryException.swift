/// A delivery that its lane's cursor has passed and that is not done: it waits for a retry, or is dead.
///
/// `expired` is a range of events that were given up unread, to make room or because they had been kept long enough.
package struct DeliveryException: Hashable, Sendable {
  package enum State: String, Hashable, Sendable, CaseIterable { case retrying, dead, expired }

  package var first: SequenceNumber
  /// The same as `first` but for a range.
  package var last: SequenceNumber
  /// How many events it stands for: those of the range that the subscriber wanted.
  package var eventCount: Int
  package var state: State
  /// When its event was accepted; of a range, the first one.
  package var acceptedAt: Timestamp
  /// Attempts made.
  package var attempts: Int
  /// When the next one is due; of no meaning once dead.
  package var dueAt: Timestamp
  /// When the first attempt was made, by the lane's held clock.
  package var firstAttemptAt: Timestamp
  /// When it died or expired; nil while it waits.
  package var endedAt: Timestamp?
  /// What the last attempt ended with, as a sentence.
  package var lastError: String

  package init(
    first: SequenceNumber, last: SequenceNumber, eventCount: Int = 1, state: State, acceptedAt: Timestamp,
    attempts: Int,
    dueAt: Timestamp, firstAttemptAt: Timestamp, endedAt: Timestamp?, lastError: String
  ) {
    self.first = first
    self.last = last
    self.eventCount = eventCount
    self.state = state
    self.acceptedAt = acceptedAt
    self.attempts = attempts
    self.dueAt = dueAt
    self.firstAttemptAt = firstAttemptAt
    self.endedAt = endedAt
    self.lastError = lastError
  }
}

/// How many exceptions a lane has, by state.
package struct ExceptionCounts: Hashable, Sendable {
  package var retrying: Int
  package var dead: Int
  /// Events in expired ranges, not ranges.
  package var expiredEvents: Int
  /// When the oldest event that is still retried was accepted.
  package var oldestRetrying: Timestamp?
  /// The lowest `first` of those that need their batch: retrying and dead ones.
  package var lowestPinned: SequenceNumber?

  package init(
    retrying: Int = 0, dead: Int = 0, expiredEvents: Int = 0, oldestRetrying: Timestamp? = nil,
    lowestPinned: SequenceNumber? = nil
  ) {
    self.retrying = retrying
    self.dead = dead
    self.expiredEvents = expiredEvents
    self.oldestRetrying = oldestRetrying
    self.lowestPinned = lowestPinned
  }
}

/// What became of some deliveries of one lane: one transaction.
package struct Settlement: Hashable, Sendable {
  package var lane: LaneID
  /// Where the cursor now stands; nil leaves it.
  package var cursor: SequenceNumber?
  /// The lane's clock, where it changed.
  package var clock: HeldClock?
  /// Exceptions to write, each replacing the one with the same `first`.
  package var written: [DeliveryException]
  /// Exceptions to remove, by `first`: delivered.
  package var removed: [SequenceNumber]

  package init(
    lane: LaneID, cursor: SequenceNumber? = nil, clock: HeldClock? = nil, written: [DeliveryException] = [],
    removed: [SequenceNumber] = []
  ) {
    self.lane = lane
    self.cursor = cursor
    self.clock = clock
    self.written = written
    self.removed = removed
  }

  package var isEmpty: Bool { cursor == nil && clock == nil && written.isEmpty && removed.isEmpty }
}
