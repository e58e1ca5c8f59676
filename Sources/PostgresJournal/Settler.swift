import CoreMetrics
import DequeModule
import GatewayCore
import Synchronization

/// Takes the settlements that wait into one transaction: at most one a lane, since each builds on the one before.
final class Settler: Sendable {
  private typealias Answer = CheckedContinuation<Result<Void, JournalError>, Never>

  /// Settlements of one transaction.
  private static let maximum = 256

  private struct State {
    var pending: Deque<(settlement: Settlement, answer: Answer)> = []
    var isAwake = false
    var isClosed = false
  }

  private let pool: PostgresPool
  private let duration: Recorder
  private let state = Mutex(State())

  init(pool: PostgresPool, duration: Recorder) {
    self.pool = pool
    self.duration = duration
  }

  func settle(_ settlement: Settlement) async throws(JournalError) {
    let result: Result<Void, JournalError> = await withCheckedContinuation { answer in
      let admission = state.withLock { state -> (isOpen: Bool, wakes: Bool) in
        guard !state.isClosed else { return (false, false) }
        state.pending.append((settlement, answer))
        defer { state.isAwake = true }
        return (true, !state.isAwake)
      }
      guard admission.isOpen else { return answer.resume(returning: .failure(.closed)) }
      if admission.wakes { takeTurn() }
    }
    return try result.get()
  }

  /// Settles what waits; nothing is taken in from now on.
  func close() async {
    state.withLock { $0.isClosed = true }
    while state.withLock(\.isAwake) { try? await Task.sleep(for: .milliseconds(2)) }
  }

  private func takeTurn() {
    let group = next()
    guard !group.isEmpty else { return }
    let settlements = group.map(\.settlement)
    let start = ContinuousClock.now
    pool.settler.run(isRepeatable: true) { connection throws(PostgresFailure) in
      try SettlementBatch(settlements).write(connection)
    } completion: { [self] result in
      duration.record((ContinuousClock.now - start).inSeconds)
      switch result {
      case .success(let settled):
        for (settlement, answer) in group {
          let isSettled = settled.contains(settlement.lane)
          answer.resume(returning: isSettled ? .success(()) : .failure(Self.notSettled(settlement)))
        }
      case .failure(let failure): for (_, answer) in group { answer.resume(returning: .failure(failure.journalError)) }
      }
      takeTurn()
    }
  }

  private func next() -> [(settlement: Settlement, answer: Answer)] {
    state.withLock { state in
      var group: [(settlement: Settlement, answer: Answer)] = []
      var left: [(settlement: Settlement, answer: Answer)] = []
      var lanes: Set<LaneID> = []
      while group.count < Self.maximum, let next = state.pending.popFirst() {
        if lanes.insert(next.settlement.lane).inserted { group.append(next) } else { left.append(next) }
      }
      state.pending.prepend(contentsOf: left)
      state.isAwake = !group.isEmpty
      return group
    }
  }

  private static func notSettled(_ settlement: Settlement) -> JournalError {
    .refused("the lane \(settlement.lane.rawValue) is gone, or another gateway has taken it: nothing is settled")
  }
}

/// Settlements as the arrays that the server takes.
struct SettlementBatch {
  private let settlements: [Settlement]
  private let removed: [(lane: LaneID, first: SequenceNumber)]
  private let written: [(lane: LaneID, exception: DeliveryException)]
  private let attempts: [(lane: LaneID, attempt: AttemptRecord)]

  init(_ settlements: [Settlement]) {
    self.settlements = settlements
    removed = settlements.flatMap { settlement in settlement.removed.map { (settlement.lane, $0) } }
    // The last one with a number is the one that counts.
    written = settlements.flatMap { settlement in
      let last = Dictionary(settlement.written.map { ($0.first, $0) }, uniquingKeysWith: { $1 })
      return last.values.map { (settlement.lane, $0) }
    }
    attempts = settlements.flatMap { settlement in settlement.attempts.map { (settlement.lane, $0) } }
  }

  /// Returns the lanes whose settlement has been taken.
  func write(_ connection: PostgresConnection) throws(PostgresFailure) -> Set<LaneID> {
    let places = (1...43).map { "$\($0)" }.joined(separator: ", ")
    let rows = try connection.query(
      "SELECT switchyard.settle_1(\(places))",
      laneValues + removedValues + writtenValues + attemptValues
        + [.bool(mayBeLost)])
    return Set(rows.map { LaneID(rawValue: $0.int(0) ?? 0) })
  }

  /// Whether no more than cursors have moved, and rows gone: a lane that does not know that the server has lost this
  /// delivers again. What is written is in the journal alone from then on.
  private var mayBeLost: Bool {
    written.isEmpty && settlements.allSatisfy { $0.hold == nil && $0.dueBy == nil && $0.clock == nil }
  }

  private var laneValues: [PostgresValue] {
    [
      .ints(settlements.map(\.lane.rawValue)), .ints(settlements.map(\.epoch)),
      .ints(settlements.map { $0.cursor?.rawValue }), .bools(settlements.map { $0.clock != nil }),
      .ints(settlements.map { $0.clock?.heldMilliseconds }),
      .ints(settlements.map { $0.clock?.heldSince?.milliseconds }),
      .bools(settlements.map { $0.hold != nil }), .ints(settlements.map { $0.hold?.until?.milliseconds }),
      .ints(settlements.map { $0.hold?.goneURL.map(Int64.init(bitPattern:)) }),
      .ints(settlements.map { $0.hold?.pausedAt?.milliseconds }), .ints(settlements.map { $0.dueBy?.milliseconds }),
    ]
  }

  private var removedValues: [PostgresValue] { [.ints(removed.map(\.lane.rawValue)), .ints(removed.map(\.first))] }

  private var writtenValues: [PostgresValue] {
    let exceptions = written.map(\.exception)
    return [
      .ints(written.map(\.lane.rawValue)), .ints(exceptions.map(\.first)), .ints(exceptions.map(\.last)),
      .ints(exceptions.map { Int64($0.eventCount) }), .texts(exceptions.map(\.state.rawValue)),
      .ints(exceptions.map(\.acceptedAt.milliseconds)), .ints(exceptions.map { Int64($0.attempts) }),
      .ints(exceptions.map(\.dueAt.milliseconds)), .ints(exceptions.map(\.firstAttemptAt.milliseconds)),
      .ints(exceptions.map { $0.endedAt?.milliseconds }), .texts(exceptions.map(\.lastError)),
      .texts(exceptions.map(\.form.rawValue)), .blobs(exceptions.map(\.storedMembers)),
      .blobs(exceptions.map(\.storedKeys)), .texts(exceptions.map { $0.replay?.description }),
    ]
  }

  private var attemptValues: [PostgresValue] {
    let records = attempts.map(\.attempt)
    return [
      .ints(attempts.map(\.lane.rawValue)), .ints(records.map(\.first)), .ints(records.map(\.last)),
      .blobs(records.map { $0.members.isEmpty ? nil : SequenceList.encode($0.members) }),
      .ints(records.map { Int64($0.eventCount) }), .ints(records.map { Int64($0.attempt) }),
      .ints(records.map(\.at.milliseconds)), .texts(records.map(\.outcome.rawValue)),
      .ints(records.map { $0.status.map(Int64.init) }), .ints(records.map(\.duration.milliseconds)),
      .texts(records.map(\.error)), .blobs(records.map { $0.answer?.body }),
      .bools(records.map { $0.answer?.isCut ?? false }), .texts(records.map { $0.replay?.description }),
    ]
  }
}
