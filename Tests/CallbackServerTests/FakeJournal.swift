import GatewayCore
import Synchronization
import Testing

/// A journal in memory that takes batches as a test says; all that the callback door does not use fails the test.
final class FakeJournal: Journal {
  typealias Append = @Sendable (NewBatch, ContinuousClock.Instant) async -> Result<AppendOutcome, JournalError>

  let head = JournalHead(next: .first)
  let mark = GatewayMark(rawValue: "0123456789abcdef0123456789abcdef")!
  let room = JournalRoom()
  private let answer: Append
  private let taken = Mutex<[NewBatch]>([])
  /// What repeats are repeats of.
  private let earlier: NewBatch?

  /// - Parameter answer: Gives each append its outcome; the default is that everything is on disk at once.
  init(earlier: NewBatch? = nil, answer: @escaping Append = { _, _ in .success(.appended(.first)) }) {
    self.earlier = earlier
    self.answer = answer
  }

  /// What was handed over, in order, whatever became of it.
  var batches: [NewBatch] { taken.withLock { $0 } }

  func append(
    _ batch: NewBatch, deadline: ContinuousClock.Instant,
    completion: @escaping @Sendable (Result<AppendOutcome, JournalError>) -> Void
  ) {
    taken.withLock { $0.append(batch) }
    Task { completion(await answer(batch, deadline)) }
  }

  func read(from start: SequenceNumber, limit: ReadLimit, wanted: @escaping @Sendable (EventKind) -> Bool)
    async throws(JournalError) -> JournalPage
  {
    guard let earlier else { throw unset() }
    return JournalPage(batches: [StoredBatch(earlier, at: start)], damaged: [], through: start + earlier.eventCount)
  }
  func totals(below position: SequenceNumber) async throws(JournalError) -> [EventKind: Int] { throw unset() }
  func position(receivedAtOrAfter moment: Timestamp) async throws(JournalError) -> SequenceNumber { throw unset() }
  func openLane(for subscriber: String, startingAt start: SequenceNumber) async throws(JournalError) -> LaneRecord {
    throw unset()
  }
  func lanes() async throws(JournalError) -> [LaneRecord] { throw unset() }
  func retireLane(_ lane: LaneID, forgetAt moment: Timestamp) async throws(JournalError) { throw unset() }
  func deleteLane(_ lane: LaneID) async throws(JournalError) { throw unset() }
  func settle(_ settlement: Settlement) async throws(JournalError) { throw unset() }
  func dueExceptions(of lane: LaneID, by moment: Timestamp, limit: Int, excluding: Set<SequenceNumber>)
    async throws(JournalError) -> [DeliveryException]
  { throw unset() }
  func nextRetrying(of lane: LaneID, after number: SequenceNumber, excluding: Set<SequenceNumber>)
    async throws(JournalError) -> DeliveryException?
  { throw unset() }
  func keyedExceptions(of lane: LaneID) async throws(JournalError) -> [DeliveryException] { throw unset() }
  func exceptions(of lane: LaneID, reaching number: SequenceNumber) async throws(JournalError) -> [DeliveryException] {
    throw unset()
  }
  func exception(of lane: LaneID, at first: SequenceNumber) async throws(JournalError) -> DeliveryException? {
    throw unset()
  }
  func nextDue(of lane: LaneID, excluding: Set<SequenceNumber>) async throws(JournalError) -> Timestamp? {
    throw unset()
  }
  func pinningExceptions(of lane: LaneID, below floor: SequenceNumber, limit: Int)
    async throws(JournalError) -> [DeliveryException]
  { throw unset() }
  func exceptionCounts(of lane: LaneID) async throws(JournalError) -> ExceptionCounts { throw unset() }
  func deadLetters(of lane: LaneID, from start: SequenceNumber, limit: Int)
    async throws(JournalError) -> [DeliveryException]
  { throw unset() }
  func deleteDeadLetters(of lane: LaneID, endedBefore moment: Timestamp, limit: Int) async throws(JournalError) -> Int {
    throw unset()
  }
  func trim(below floor: SequenceNumber, receivedBefore moment: Timestamp, limit: Int)
    async throws(JournalError) -> Int
  { throw unset() }
  func space() async throws(JournalError) -> JournalSpace { throw unset() }
  func saveLastGoodRoutes(_ copy: [UInt8]) async throws(JournalError) { throw unset() }
  func lastGoodRoutes() async throws(JournalError) -> [UInt8]? { throw unset() }
  func checkWritable() async throws(JournalError) { throw unset() }
  func close() async { Issue.record(unset()) }

  fileprivate func unset(_ function: String = #function) -> JournalError {
    .unavailable("the callback door has no business with \(function)")
  }
}

// MARK: What operators ask

extension FakeJournal {
  func batch(_ id: BatchID) async throws(JournalError) -> StoredBatch? { throw unset() }
  func attempts(of lane: LaneID, at event: SequenceNumber) async throws(JournalError) -> [AttemptRecord] {
    throw unset()
  }
  func trimAttempts(of lane: LaneID, keeping count: Int, since moment: Timestamp) async throws(JournalError)
    -> Bool
  {
    throw unset()
  }
  func exceptions(of lane: LaneID, standingFor event: SequenceNumber)
    async throws(JournalError) -> [DeliveryException]
  {
    throw unset()
  }
  func discardDeadLetters(of lane: LaneID, at firsts: [SequenceNumber])
    async throws(JournalError) -> [DeliveryException]
  {
    throw unset()
  }
  func openReplay(_ replay: Replay, insteadOf expired: (lane: LaneID, first: SequenceNumber)?)
    async throws(JournalError) -> LaneRecord?
  {
    throw unset()
  }
  func replays() async throws(JournalError) -> [Replay] { throw unset() }
  func setState(_ state: Replay.State, of replay: ReplayID, endedAt moment: Timestamp?, forgetAt: Timestamp?)
    async throws(JournalError)
  {
    throw unset()
  }
  func backUp(to path: String) async throws(JournalError) -> JournalCopy { throw unset() }
}
