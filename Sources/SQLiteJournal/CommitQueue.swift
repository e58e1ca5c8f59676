import DequeModule
import GatewayCore

/// What waits for the writer, in order, and who waits for what is being written: a value, tested without a database.
///
/// Appends and settlements are two queues, neither of which can starve the other: a group takes from both. Each waiter
/// is handed out exactly once: withdrawn, overdue or decided. Appends that find no room wait for it until their deadline,
/// and settlements go on meanwhile.
struct CommitQueue<AppendWaiter: Sendable, SettlementWaiter: Sendable>: Sendable {
  typealias Instant = ContinuousClock.Instant

  struct PendingAppend: Sendable {
    var batch: NewBatch
    var checksum: Int64
    var deadline: Instant
    var waiter: AppendWaiter
  }

  struct PendingSettlement: Sendable {
    var settlement: Settlement
    var waiter: SettlementWaiter
  }

  /// What goes into one transaction.
  struct Group: Sendable {
    var appends: [PendingAppend] = []
    var settlements: [PendingSettlement] = []
    /// Appends whose deadline had passed: they are not written.
    var withdrawn: [AppendWaiter] = []
    var reasonToWithdraw = JournalError.deadlineExceeded

    var isEmpty: Bool { appends.isEmpty && settlements.isEmpty && withdrawn.isEmpty }
  }

  enum Admission: Equatable {
    case closed
    /// `wakesWriter`: it is idle and must be told. `sweepAt`: nobody looks after deadlines early enough yet.
    case waits(wakesWriter: Bool, sweepAt: Instant?)
  }

  /// Bounds of one group: a transaction that others wait for must not grow without end.
  static var maximumAppends: Int { 512 }
  static var maximumSettlements: Int { 512 }
  static var maximumGroupBytes: Int { 8 << 20 }
  /// No two sweeps are closer than this.
  static var sweepInterval: Duration { .milliseconds(10) }

  private var appends: Deque<PendingAppend> = []
  private var settlements: Deque<PendingSettlement> = []
  private var underWay: [(deadline: Instant, waiter: AppendWaiter)?] = []
  private var isWriterAwake = false
  /// The first append in the queue has found no room.
  private(set) var isShortOfRoom = false
  /// There was no room where there should have been: no append is tried before somebody has made some.
  private var isHoldingAppends = false
  private var isClosed = false
  private var sweepAt: Instant?

  mutating func append(_ pending: PendingAppend) -> Admission {
    guard !isClosed else { return .closed }
    appends.append(pending)
    return .waits(wakesWriter: wakeWriter(), sweepAt: sweep(for: pending.deadline))
  }

  mutating func settle(_ pending: PendingSettlement) -> Admission {
    guard !isClosed else { return .closed }
    settlements.append(pending)
    return .waits(wakesWriter: wakeWriter(), sweepAt: nil)
  }

  /// Nothing is taken in from now on; what waits is still to be written.
  mutating func close() { isClosed = true }

  /// Whether there are appends that room is to be looked for.
  var hasAppends: Bool { !appends.isEmpty && !isHoldingAppends }

  /// Why an append that has not begun is given back.
  var reasonToWithdraw: JournalError { isShortOfRoom ? .full : .deadlineExceeded }

  /// The next group, which has then begun; nil when nothing waits that could be written, and the writer must be woken
  /// again.
  mutating func takeGroup(at now: Instant, room: AppendRoom = .unlimited) -> Group? {
    var group = Group()
    if !isHoldingAppends { takeAppends(into: &group, at: now, room) }
    while group.settlements.count < Self.maximumSettlements, let next = settlements.popFirst() {
      group.settlements.append(next)
    }
    guard !group.isEmpty else {
      isWriterAwake = false
      return nil
    }
    underWay = group.appends.map { ($0.deadline, $0.waiter) }
    return group
  }

  private mutating func takeAppends(into group: inout Group, at now: Instant, _ room: AppendRoom) {
    group.reasonToWithdraw = reasonToWithdraw
    isShortOfRoom = false
    var bytes = 0
    while group.appends.count < Self.maximumAppends, let next = appends.first {
      guard next.deadline > now else {
        group.withdrawn.append(appends.removeFirst().waiter)
        continue
      }
      let need = DiskReserve.need(ofPayload: next.batch.payload.count)
      if group.appends.isEmpty {
        isShortOfRoom = need > room.single
        if isShortOfRoom { break }
      } else if bytes + need > min(Self.maximumGroupBytes, room.group) {
        break
      }
      bytes += need
      group.appends.append(appends.removeFirst())
    }
  }

  /// The group has been decided: who still waits for each of its appends. Nil for one that was overdue.
  ///
  /// - Parameter roomless: Those of its appends, by their place in it, that have found no room: they wait again, before
  ///   all others, and are not among those returned.
  mutating func finishGroup(roomless: [(place: Int, append: PendingAppend)] = []) -> [AppendWaiter?] {
    defer { underWay = [] }
    for (place, append) in roomless.reversed() where underWay[place] != nil {
      appends.prepend(append)
      underWay[place] = nil
    }
    if !roomless.isEmpty { (isShortOfRoom, isHoldingAppends) = (true, true) }
    return underWay.map { $0?.waiter }
  }

  /// There may be room now. Returns whether the writer is idle and must be told.
  mutating func roomMade() -> Bool {
    isHoldingAppends = false
    return !appends.isEmpty && wakeWriter()
  }

  /// Gives back what is left of a closed queue.
  mutating func abandon() -> [AppendWaiter] {
    defer { appends = [] }
    return appends.map(\.waiter)
  }

  /// Withdraws what has not begun by its deadline, for `reasonToWithdraw`, and gives up waiting for what has.
  ///
  /// - Parameter armedFor: When this sweep was asked for: one that an earlier one has replaced does nothing.
  mutating func sweep(armedFor: Instant, at now: Instant) -> (overdue: [AppendWaiter], next: Instant?) {
    guard sweepAt == armedFor else { return ([], nil) }
    var overdue: [AppendWaiter] = []
    var earliest: Instant?
    for (index, entry) in underWay.enumerated() {
      guard let entry else { continue }
      if entry.deadline <= now {
        overdue.append(entry.waiter)
        underWay[index] = nil
      } else {
        earliest = Swift.min(earliest ?? entry.deadline, entry.deadline)
      }
    }
    appends.removeAll { entry in
      guard entry.deadline > now else {
        overdue.append(entry.waiter)
        return true
      }
      earliest = Swift.min(earliest ?? entry.deadline, entry.deadline)
      return false
    }
    sweepAt = earliest.map { Swift.max($0, now + Self.sweepInterval) }
    return (overdue, sweepAt)
  }

  private mutating func wakeWriter() -> Bool {
    defer { isWriterAwake = true }
    return !isWriterAwake
  }

  private mutating func sweep(for deadline: Instant) -> Instant? {
    if let sweepAt, sweepAt <= deadline + Self.sweepInterval { return nil }
    sweepAt = deadline
    return deadline
  }
}
