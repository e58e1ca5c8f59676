import CoreMetrics
package import GatewayCore
import Logging
import Synchronization

/// Keeps accepting callbacks while the journal does not: what the journal has not committed in time becomes durable in a
/// local journal, the spool, and is appended to the real one later, under the same id and key.
///
/// An append goes to the journal with an earlier deadline; what fails there goes to the spool with the rest of its time.
/// From then on all go to the spool, until it has been drained: a callback that comes after another was answered also
/// follows it in the journal. What was appended although it was not answered is a repeat by its id when it is appended
/// again, and so is what was drained just before a crash.
package final class Spool: BatchAppender {
  struct Pending: Sendable {
    var batch: NewBatch
    var deadline: ContinuousClock.Instant
    var completion: @Sendable (Result<AppendOutcome, JournalError>) -> Void
  }

  struct Progress {
    /// All below has been drained; in the spool's numbers, of which each callback takes one.
    var position: SequenceNumber
    /// The same, as it stands on disk.
    var settled: SequenceNumber
    /// Callbacks that the journal has refused, or that cannot be read: how many are on disk as such, and those to be noted.
    var setAside: Int
    var newlySetAside: [DeliveryException] = []
    /// How often in a row the callback at `position` has failed while the journal took others.
    var failuresOfFirst = 0
    var isIdle = false
    var isShortOfRoom = false
    var isRunning = false
    var isStopping = false
    var stopped: [CheckedContinuation<Void, Never>] = []
  }

  let journal: any BatchAppender
  let store: any Journal
  let lane: LaneID
  let limits: SpoolLimits
  let clock: WallClock
  let logger: Logger
  let gate: Mutex<SpoolGate<Pending>>
  let progress: Mutex<Progress>
  let wakes: AsyncStream<Void>
  let wake: AsyncStream<Void>.Continuation
  private let spooled: Counter

  init(
    journal: any BatchAppender, store: any Journal, lane: LaneRecord, setAside: Int, limits: SpoolLimits,
    clock: @escaping WallClock, logger: Logger, metrics: any MetricsFactory
  ) {
    self.journal = journal
    self.store = store
    self.lane = lane.id
    self.limits = limits
    self.clock = clock
    self.logger = logger
    gate = Mutex(SpoolGate(isEmpty: store.head.next == lane.cursor, heldAtMost: limits.heldAtMost))
    progress = Mutex(Progress(position: lane.cursor, settled: lane.cursor, setAside: setAside))
    (wakes, wake) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    spooled = Counter(label: MetricFamily.spooledCallbacks.name, factory: metrics)
    store.room.observe { [weak self] free in if free == 0 { self?.makeRoom() } }
  }

  /// Callbacks that the journal does not have yet.
  package var depth: Int {
    let next = store.head.next
    return progress.withLock { max(0, next - $0.position) + $0.setAside + $0.newlySetAside.count }
  }

  /// When the oldest of them was received; nil if there is none.
  package func oldest() async throws(JournalError) -> Timestamp? {
    let dead = try await store.deadLetters(of: lane, from: .first, limit: 1).first?.acceptedAt
    let (position, unsettled) = progress.withLock { ($0.position, $0.newlySetAside.map(\.acceptedAt).min()) }
    let next = try await store.read(from: position, limit: ReadLimit(batches: 1, bytes: 1)) { _ in true }
    return [dead, unsettled, (next.batches.first ?? next.damaged.first)?.receivedAt].compactMap(\.self).min()
  }

  package func append(
    _ batch: NewBatch, deadline: ContinuousClock.Instant,
    completion: @escaping @Sendable (Result<AppendOutcome, JournalError>) -> Void
  ) {
    let pending = Pending(batch: batch, deadline: deadline, completion: completion)
    switch gate.withLock({ $0.take(pending) }) {
    case .toJournal: sendToJournal(pending)
    case .toSpool(let appends): for append in appends { sendToSpool(append) }
    case .held: break
    }
  }

  /// The spool's own numbers are handed out below zero, so that they are told from the journal's, which start at 1.
  package func batch(at first: SequenceNumber) async throws(JournalError) -> StoredBatch? {
    guard first.rawValue < 0 else { return try await journal.batch(at: first) }
    let stored = try await store.batch(at: SequenceNumber(rawValue: -first.rawValue))
    return stored.flatMap(SpooledBatch.original).map { StoredBatch($0, at: first) }
  }

  /// While callbacks go to the spool, whether that can be written; else whether either can.
  package func checkWritable() async throws(JournalError) {
    if gate.withLock({ $0.phase == .direct }), (try? await journal.checkWritable()) != nil { return }
    do throws(JournalError) {
      try await store.checkWritable()
    } catch {
      throw bothFailed(error)
    }
  }

  func sendToJournal(_ pending: Pending) {
    let deadline = limits.earlier(than: pending.deadline, now: .now)
    journal.append(pending.batch, deadline: deadline) { [self] result in
      switch result {
      case .success:
        gate.withLock { $0.journalTook() }
        pending.completion(result)
      // The gateway is stopping, or the callback itself is at fault: the spool would not help.
      case .failure(.closed), .failure(.refused): pending.completion(result)
      case .failure(let error):
        let (wasDirect, before) = gate.withLock { ($0.phase == .direct, $0.journalFailed(error)) }
        if wasDirect {
          logger.warning("callbacks go to the spool", metadata: ["error": "\(error)"])
        }
        for append in before { sendToSpool(append) }
        sendToSpool(pending)
      }
    }
  }

  /// What the gate has counted as on its way into the spool.
  func sendToSpool(_ pending: Pending) {
    store.append(SpooledBatch.stored(pending.batch), deadline: pending.deadline) { [self] result in
      gate.withLock { $0.stored((try? result.get()) != nil) }
      if progress.withLock({ $0.isIdle }) { wake.yield() }
      switch result {
      case .success(.appended(let first)):
        spooled.increment()
        pending.completion(.success(.appended(Self.outside(first))))
      case .success(.duplicate(let first)): pending.completion(.success(.duplicate(of: Self.outside(first))))
      case .failure(.closed): pending.completion(result)
      case .failure(let error): pending.completion(.failure(bothFailed(error)))
      }
    }
  }

  private static func outside(_ first: SequenceNumber) -> SequenceNumber { SequenceNumber(rawValue: -first.rawValue) }

  private func bothFailed(_ error: JournalError) -> JournalError {
    let reason = gate.withLock { $0.journalFailure }.map { "\($0), nor" } ?? "nor"
    return .unavailable("\(reason) could the callback be spooled: \(error)")
  }

  private func makeRoom() {
    let isNew = progress.withLock { progress in
      defer { progress.isShortOfRoom = true }
      return !progress.isShortOfRoom
    }
    if isNew { wake.yield() }
  }
}
