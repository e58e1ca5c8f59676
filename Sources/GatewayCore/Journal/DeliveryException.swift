/// What a lane still has to do, or to remember, behind its cursor: a delivery that waits for a retry or is dead, events
/// parked behind one of their key, a range of events that was given up unread.
package struct DeliveryException: Hashable, Sendable {
  package enum State: String, Hashable, Sendable, CaseIterable {
    /// It has failed, and is tried again.
    case retrying
    /// A run: events of one ordering key that wait for an earlier one of it. None has been tried.
    case parked
    case dead
    /// A range: given up to make room, or because it had been kept long enough.
    case expired
  }

  package var first: SequenceNumber
  /// The same as `first` for a single event.
  package var last: SequenceNumber
  /// How many events it stands for: of a range, those that the subscriber wanted.
  package var eventCount: Int
  package var state: State
  /// What its request carries. A delivery keeps its form, whatever the subscriber's `format` becomes.
  package var form: DeliveryForm
  /// The events of a batch or a run in order, as long as there are several; empty for one event and for a range.
  package var members: [SequenceNumber]
  /// The ordering keys of its events, in the same order (one for a run); empty where it holds nothing back.
  package var keys: [OrderingKey?]
  /// When its first event was accepted.
  package var acceptedAt: Timestamp
  /// Attempts made.
  package var attempts: Int
  /// When the next one is due; of no meaning unless it is retrying.
  package var dueAt: Timestamp
  /// When the first attempt was made, by the lane's held clock.
  package var firstAttemptAt: Timestamp
  /// When it died or expired; nil while it waits.
  package var endedAt: Timestamp?
  /// What the last attempt ended with, as a sentence.
  package var lastError: String
  /// By what it was sent again after it had died; nil if it has not been.
  package var replay: ReplayID?

  package init(
    first: SequenceNumber, last: SequenceNumber, eventCount: Int = 1, state: State, form: DeliveryForm = .event,
    members: [SequenceNumber] = [], keys: [OrderingKey?] = [], acceptedAt: Timestamp, attempts: Int,
    dueAt: Timestamp, firstAttemptAt: Timestamp, endedAt: Timestamp?, lastError: String, replay: ReplayID? = nil
  ) {
    self.first = first
    self.last = last
    self.eventCount = eventCount
    self.state = state
    self.form = form
    self.members = members
    self.keys = keys
    self.acceptedAt = acceptedAt
    self.attempts = attempts
    self.dueAt = dueAt
    self.firstAttemptAt = firstAttemptAt
    self.endedAt = endedAt
    self.lastError = lastError
    self.replay = replay
  }

  /// The events it stands for; of a range all that lie in it, wanted or not.
  package var events: [SequenceNumber] {
    guard members.isEmpty else { return members }
    return (0...(last - first)).map { first + $0 }
  }
}

/// How many exceptions a lane has, by state.
package struct ExceptionCounts: Hashable, Sendable {
  package var retrying: Int
  /// Runs, not events.
  package var parkedRuns: Int
  /// Events that wait: those of retrying exceptions and of parked runs.
  package var waitingEvents: Int
  /// Dead events.
  package var dead: Int
  /// Events in expired ranges, not ranges.
  package var expiredEvents: Int
  /// When the oldest event that waits was accepted.
  package var oldestWaiting: Timestamp?
  /// The lowest `first` of those that need their batch: all but expired ones.
  package var lowestPinned: SequenceNumber?

  package init(
    retrying: Int = 0, parkedRuns: Int = 0, waitingEvents: Int = 0, dead: Int = 0, expiredEvents: Int = 0,
    oldestWaiting: Timestamp? = nil, lowestPinned: SequenceNumber? = nil
  ) {
    self.retrying = retrying
    self.parkedRuns = parkedRuns
    self.waitingEvents = waitingEvents
    self.dead = dead
    self.expiredEvents = expiredEvents
    self.oldestWaiting = oldestWaiting
    self.lowestPinned = lowestPinned
  }
}

/// What became of some deliveries of one lane: one transaction.
package struct Settlement: Hashable, Sendable {
  package var lane: LaneID
  /// Under which epoch the lane is owned by whoever settles: with an older one nothing is settled. Nil in a journal that
  /// is one gateway's alone.
  package var epoch: Int64?
  /// Where the cursor now stands; nil leaves it.
  package var cursor: SequenceNumber?
  /// The lane's clock, where it changed.
  package var clock: HeldClock?
  /// Why the subscriber is left alone, where that changed.
  package var hold: LaneHold?
  /// Retries that are due later than this are due then; before any is written.
  package var dueBy: Timestamp?
  /// Exceptions to write, each replacing the one with the same `first`.
  package var written: [DeliveryException]
  /// Exceptions to remove, by `first`, before any is written: delivered.
  package var removed: [SequenceNumber]
  /// Attempts to keep.
  package var attempts: [AttemptRecord]

  package init(
    lane: LaneID, epoch: Int64? = nil, cursor: SequenceNumber? = nil, clock: HeldClock? = nil, hold: LaneHold? = nil,
    dueBy: Timestamp? = nil, written: [DeliveryException] = [], removed: [SequenceNumber] = [],
    attempts: [AttemptRecord] = []
  ) {
    self.lane = lane
    self.epoch = epoch
    self.cursor = cursor
    self.clock = clock
    self.hold = hold
    self.dueBy = dueBy
    self.written = written
    self.removed = removed
    self.attempts = attempts
  }
}
