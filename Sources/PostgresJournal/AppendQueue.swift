import DequeModule
import GatewayCore

/// What waits to be appended, in order, and who waits for what is under way: a value, tested without a server.
///
/// Each waiter is handed out exactly once: decided, or overdue. What was under way when the connection was lost waits
/// again, before all others, for as long as somebody waits for it.
struct AppendQueue<Waiter: Sendable>: Sendable {
  typealias Instant = ContinuousClock.Instant

  struct Pending: Sendable {
    var batch: NewBatch
    var checksum: Int64
    var deadline: Instant
    var waiter: Waiter
  }

  /// What admits an append.
  enum Admission: Equatable {
    case closed
    /// `wakesWriter`: it is idle and must be told. `sweepAt`: nobody looks after deadlines early enough yet.
    case waits(wakesWriter: Bool, sweepAt: Instant?)
  }

  /// Bounds of one group: others wait for the counter while it is written.
  static var maximumBatches: Int { 512 }
  static var maximumBytes: Int { 8 << 20 }
  /// No two sweeps are closer than this.
  static var sweepInterval: Duration { .milliseconds(10) }

  private var pending: Deque<Pending> = []
  private var underWay: [Pending?] = []
  private var isWriterAwake = false
  private var isClosed = false
  private var sweepAt: Instant?

  mutating func append(_ append: Pending) -> Admission {
    guard !isClosed else { return .closed }
    pending.append(append)
    defer { isWriterAwake = true }
    let sweep = sweepAt.map { append.deadline < $0 } ?? true ? append.deadline : nil
    if let sweep { sweepAt = sweep }
    return .waits(wakesWriter: !isWriterAwake, sweepAt: sweep)
  }

  /// Nothing is taken in from now on; what waits is still to be written.
  mutating func close() { isClosed = true }

  var isEmpty: Bool { pending.isEmpty }

  /// The next group, which is then under way; empty when nothing waits, and the writer must be woken again.
  mutating func takeGroup(at now: Instant, atMost limit: Int = Self.maximumBatches) -> [Pending] {
    var group: [Pending] = []
    var bytes = 0
    // What is overdue is left for the sweep.
    var late: [Pending] = []
    while group.count < limit, let next = pending.first {
      if next.deadline <= now {
        late.append(pending.removeFirst())
        continue
      }
      guard group.isEmpty || bytes + next.batch.payload.count <= Self.maximumBytes else { break }
      bytes += next.batch.payload.count
      group.append(pending.removeFirst())
    }
    pending.prepend(contentsOf: late)
    underWay = group
    if group.isEmpty { isWriterAwake = false }
    return group
  }

  /// The group has been decided: who still waits for each of it; nil for one that was overdue.
  mutating func finishGroup() -> [Waiter?] {
    defer { underWay = [] }
    return underWay.map { $0?.waiter }
  }

  /// What became of the group is not known, or nothing: what somebody still waits for is tried again.
  mutating func retryGroup() {
    pending.prepend(contentsOf: underWay.compactMap(\.self))
    underWay = []
  }

  /// Gives back what waits of a closed queue.
  mutating func abandon() -> [Waiter] {
    defer { pending = [] }
    return pending.map(\.waiter)
  }

  /// Withdraws what has not begun by its deadline, and gives up waiting for what has.
  ///
  /// - Parameter armedFor: When this sweep was asked for: one that an earlier one has replaced does nothing.
  mutating func sweep(armedFor: Instant, at now: Instant) -> (overdue: [Waiter], next: Instant?) {
    guard sweepAt == armedFor else { return ([], nil) }
    var overdue: [Waiter] = []
    for (index, entry) in underWay.enumerated() {
      guard let entry, entry.deadline <= now else { continue }
      overdue.append(entry.waiter)
      underWay[index] = nil
    }
    pending.removeAll { entry in
      guard entry.deadline <= now else { return false }
      overdue.append(entry.waiter)
      return true
    }
    let deadlines = [underWay.lazy.compactMap { $0?.deadline }.min(), pending.lazy.map(\.deadline).min()]
    sweepAt = deadlines.compactMap(\.self).min().map { Swift.max($0, now + Self.sweepInterval) }
    return (overdue, sweepAt)
  }
}
