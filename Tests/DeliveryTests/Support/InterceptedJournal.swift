import GatewayCore
import Synchronization

/// A journal whose answers to some calls a test can hold back, or refuse.
final class InterceptedJournal: Journal {
  enum Call: Hashable, Sendable { case read, dueExceptions, settle }

  private struct State {
    var held: Set<Call> = []
    var waiting: [Call: [CheckedContinuation<Void, Never>]] = [:]
    var refused: Set<Call> = []
    var refusals: [Call: Int] = [:]
  }

  private let journal: any Journal
  private let shared: FakeLeases?
  private let state = Mutex(State())

  /// - Parameter leases: Where it is one gateway's view of a journal that others share.
  init(_ journal: any Journal, leases: FakeLeases? = nil) {
    self.journal = journal
    shared = leases
  }

  var leases: (any LaneLeases)? { shared }

  /// From now on what was read stays here until it is released.
  func hold(_ call: Call) { state.withLock { _ = $0.held.insert(call) } }

  func release(_ call: Call) {
    let waiting = state.withLock { state in
      state.held.remove(call)
      return state.waiting.removeValue(forKey: call) ?? []
    }
    for waiter in waiting { waiter.resume() }
  }

  func releaseAll() { for call in [Call.read, .dueExceptions, .settle] { release(call) } }

  /// How many answers are held back.
  func waiting(_ call: Call) -> Int { state.withLock { $0.waiting[call]?.count ?? 0 } }

  func refuse(_ call: Call) { state.withLock { _ = $0.refused.insert(call) } }
  func allow(_ call: Call) { state.withLock { _ = $0.refused.remove(call) } }

  /// How often it was refused.
  func refusals(_ call: Call) -> Int { state.withLock { $0.refusals[call] ?? 0 } }

  private func pass(_ call: Call) async throws(JournalError) {
    let isRefused = state.withLock { state in
      guard state.refused.contains(call) else { return false }
      state.refusals[call, default: 0] += 1
      return true
    }
    if isRefused { throw .unavailable("refused by the test") }
    await withCheckedContinuation { continuation in
      let isHeld = state.withLock { state in
        guard state.held.contains(call) else { return false }
        state.waiting[call, default: []].append(continuation)
        return true
      }
      if !isHeld { continuation.resume() }
    }
  }
}

// MARK: What is intercepted

extension InterceptedJournal {
  func read(from start: SequenceNumber, limit: ReadLimit, wanted: @escaping @Sendable (EventKind) -> Bool)
    async throws(JournalError) -> JournalPage
  {
    let page = try await journal.read(from: start, limit: limit, wanted: wanted)
    try await pass(.read)
    return page
  }

  func dueExceptions(of lane: LaneID, by moment: Timestamp, limit: Int, excluding: Set<SequenceNumber>)
    async throws(JournalError) -> [DeliveryException]
  {
    let due = try await journal.dueExceptions(of: lane, by: moment, limit: limit, excluding: excluding)
    try await pass(.dueExceptions)
    return due
  }

  func settle(_ settlement: Settlement) async throws(JournalError) {
    try await pass(.settle)
    try shared?.check(settlement)
    try await journal.settle(settlement)
  }
}

// MARK: What is passed on

extension InterceptedJournal {
  var head: JournalHead { shared?.head ?? journal.head }
  var mark: GatewayMark { journal.mark }

  var room: JournalRoom { journal.room }

  func append(
    _ batch: NewBatch, deadline: ContinuousClock.Instant,
    completion: @escaping @Sendable (Result<AppendOutcome, JournalError>) -> Void
  ) { journal.append(batch, deadline: deadline, completion: completion) }

  func totals(below position: SequenceNumber) async throws(JournalError) -> [EventKind: Int] {
    try await journal.totals(below: position)
  }

  func position(receivedAtOrAfter moment: Timestamp) async throws(JournalError) -> SequenceNumber {
    try await journal.position(receivedAtOrAfter: moment)
  }

  func openLane(for subscriber: String, startingAt start: SequenceNumber) async throws(JournalError) -> LaneRecord {
    let record = try await journal.openLane(for: subscriber, startingAt: start)
    return shared?.marked([record])[0] ?? record
  }

  func lanes() async throws(JournalError) -> [LaneRecord] {
    let records = try await journal.lanes()
    return shared?.marked(records) ?? records
  }

  func retireLane(_ lane: LaneID, forgetAt moment: Timestamp) async throws(JournalError) {
    try await journal.retireLane(lane, forgetAt: moment)
  }

  func deleteLane(_ lane: LaneID) async throws(JournalError) { try await journal.deleteLane(lane) }

  func nextRetrying(of lane: LaneID, after number: SequenceNumber, excluding: Set<SequenceNumber>)
    async throws(JournalError) -> DeliveryException?
  {
    try await journal.nextRetrying(of: lane, after: number, excluding: excluding)
  }

  func keyedExceptions(of lane: LaneID) async throws(JournalError) -> [DeliveryException] {
    try await journal.keyedExceptions(of: lane)
  }

  func exceptions(of lane: LaneID, reaching number: SequenceNumber) async throws(JournalError) -> [DeliveryException] {
    try await journal.exceptions(of: lane, reaching: number)
  }

  func exception(of lane: LaneID, at first: SequenceNumber) async throws(JournalError) -> DeliveryException? {
    try await journal.exception(of: lane, at: first)
  }

  func nextDue(of lane: LaneID, excluding: Set<SequenceNumber>) async throws(JournalError) -> Timestamp? {
    try await journal.nextDue(of: lane, excluding: excluding)
  }

  func pinningExceptions(of lane: LaneID, below floor: SequenceNumber, limit: Int)
    async throws(JournalError) -> [DeliveryException]
  {
    try await journal.pinningExceptions(of: lane, below: floor, limit: limit)
  }

  func exceptionCounts(of lane: LaneID) async throws(JournalError) -> ExceptionCounts {
    try await journal.exceptionCounts(of: lane)
  }

  func deadLetters(of lane: LaneID, from start: SequenceNumber, limit: Int)
    async throws(JournalError) -> [DeliveryException]
  {
    try await journal.deadLetters(of: lane, from: start, limit: limit)
  }

  func deleteDeadLetters(of lane: LaneID, endedBefore moment: Timestamp, limit: Int)
    async throws(JournalError) -> Int
  {
    try await journal.deleteDeadLetters(of: lane, endedBefore: moment, limit: limit)
  }

  func trim(below floor: SequenceNumber, receivedBefore moment: Timestamp, limit: Int)
    async throws(JournalError) -> Int
  {
    try await journal.trim(below: floor, receivedBefore: moment, limit: limit)
  }

  func space() async throws(JournalError) -> JournalSpace { try await journal.space() }

  func saveLastGoodRoutes(_ copy: [UInt8]) async throws(JournalError) { try await journal.saveLastGoodRoutes(copy) }

  func lastGoodRoutes() async throws(JournalError) -> [UInt8]? { try await journal.lastGoodRoutes() }

  func checkWritable() async throws(JournalError) { try await journal.checkWritable() }

  func close() async { await journal.close() }
}

// MARK: What operators ask

extension InterceptedJournal {
  func batch(_ id: BatchID) async throws(JournalError) -> StoredBatch? { try await journal.batch(id) }
  func attempts(of lane: LaneID, at event: SequenceNumber) async throws(JournalError) -> [AttemptRecord] {
    try await journal.attempts(of: lane, at: event)
  }
  func trimAttempts(of lane: LaneID, keeping count: Int, since moment: Timestamp) async throws(JournalError)
    -> Bool
  {
    try await journal.trimAttempts(of: lane, keeping: count, since: moment)
  }
  func exceptions(of lane: LaneID, standingFor event: SequenceNumber)
    async throws(JournalError) -> [DeliveryException]
  {
    try await journal.exceptions(of: lane, standingFor: event)
  }
  func discardDeadLetters(of lane: LaneID, at firsts: [SequenceNumber])
    async throws(JournalError) -> [DeliveryException]
  {
    try await journal.discardDeadLetters(of: lane, at: firsts)
  }
  func openReplay(_ replay: Replay, insteadOf expired: (lane: LaneID, first: SequenceNumber)?)
    async throws(JournalError) -> LaneRecord?
  {
    try await journal.openReplay(replay, insteadOf: expired)
  }
  func replays() async throws(JournalError) -> [Replay] { try await journal.replays() }
  func setState(_ state: Replay.State, of replay: ReplayID, endedAt moment: Timestamp?, forgetAt: Timestamp?)
    async throws(JournalError)
  {
    try await journal.setState(state, of: replay, endedAt: moment, forgetAt: forgetAt)
  }
  func backUp(to path: String) async throws(JournalError) -> JournalCopy { try await journal.backUp(to: path) }
}
