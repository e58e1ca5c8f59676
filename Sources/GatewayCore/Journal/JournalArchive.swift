/// What operators ask of a journal, and what lanes do not: single callbacks, attempts, dead letters, replays, copies.
///
/// Each method is one bounded piece of work. The rules of `Journal` hold here too.
package protocol JournalArchive: Sendable {
  /// The batch with this id; nil if it is not retained.
  func batch(_ id: BatchID) async throws(JournalError) -> StoredBatch?

  /// The attempts kept of a lane that carried an event, oldest first.
  func attempts(of lane: LaneID, at event: SequenceNumber) async throws(JournalError) -> [AttemptRecord]

  /// Deletes the attempts of a lane but for the newest `count` of those that ended at or after a moment; returns whether
  /// there are any left.
  func trimAttempts(of lane: LaneID, keeping count: Int, since moment: Timestamp) async throws(JournalError) -> Bool

  /// The exceptions of a lane that stand for an event, lowest first.
  func exceptions(of lane: LaneID, standingFor event: SequenceNumber) async throws(JournalError) -> [DeliveryException]

  /// Deletes those of these exceptions, by `first`, that are dead or expired; returns what they were.
  func discardDeadLetters(of lane: LaneID, at firsts: [SequenceNumber])
    async throws(JournalError) -> [DeliveryException]

  /// Makes a replay and its lane, whose cursor stands at the replay's start, and deletes the expired range that it
  /// stands for, if it is for one: all in one transaction, or nothing where that range is not there any more.
  func openReplay(_ replay: Replay, insteadOf expired: (lane: LaneID, first: SequenceNumber)?)
    async throws(JournalError) -> LaneRecord?

  /// All replays, newest first.
  func replays() async throws(JournalError) -> [Replay]

  /// Records the state of a replay. One that is cancelled loses what its lane would still retry, and its span ends where
  /// the lane has come.
  ///
  /// - Parameter moment: When it ended; nil if it goes on.
  /// - Parameter forgetAt: When it and its lane may be deleted; nil if it goes on.
  func setState(_ state: Replay.State, of replay: ReplayID, endedAt moment: Timestamp?, forgetAt: Timestamp?)
    async throws(JournalError)

  /// Writes a consistent copy of everything committed to a new file, syncs it, and verifies it.
  ///
  /// - Throws: `.refused` with a sentence when there can be no such file, `.unavailable` when it cannot be written, or is
  ///   not whole; it is then deleted.
  func backUp(to path: String) async throws(JournalError) -> JournalCopy
}

/// A copy of a journal that has been verified.
package struct JournalCopy: Hashable, Sendable {
  package var bytes: Int
  /// The first sequence number that is not in it.
  package var head: SequenceNumber
  /// How many events it holds.
  package var events: Int

  package init(bytes: Int, head: SequenceNumber, events: Int) {
    self.bytes = bytes
    self.head = head
    self.events = events
  }
}
