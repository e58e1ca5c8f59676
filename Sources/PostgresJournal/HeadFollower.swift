import Dispatch
import GatewayCore
import Logging
import Synchronization

/// Keeps the head where the journal ends: it moves after commits of this gateway at once, and after those of others when
/// it has looked.
///
/// A commit of this gateway that does not follow the head has others' before it: it is published once those are read.
final class HeadFollower: Sendable {
  /// How often it looks for what other gateways have appended.
  static let interval: Duration = .milliseconds(25)
  /// Batches between two rows of totals: what opening a journal, or counting from the middle of it, reads at most.
  static let totalsInterval = 4096

  let head: JournalHead
  let recent: RecentBatches
  private let pool: PostgresPool
  private let checksum: PayloadChecksum
  /// Ends the process, with a sentence.
  let onFatal: @Sendable (String) -> Never
  private let state: Mutex<State>
  private let timer = DispatchQueue(label: "switchyard.postgres.follow.timer")
  private let isStopped = Atomic(false)
  /// Lanes have read since a look last found something: what the next one finds is wanted in memory.
  private let isRead = Atomic(false)

  private struct State {
    var batchesSinceTotals: Int
    var isLooking = false
    /// A look has been asked for: later ones are not asked for before it.
    var nextLook: ContinuousClock.Instant?
    /// Commits that are published once the head has reached them.
    var waiting: [(end: SequenceNumber, publish: @Sendable () -> Void)] = []
  }

  /// - Parameter onFatal: Called when the server has fewer batches than it had; ends the process.
  init(
    head: JournalHead, batchesSinceTotals: Int, pool: PostgresPool, checksum: PayloadChecksum,
    onFatal: @escaping @Sendable (String) -> Never
  ) {
    self.head = head
    self.pool = pool
    self.checksum = checksum
    self.onFatal = onFatal
    recent = RecentBatches()
    state = Mutex(State(batchesSinceTotals: batchesSinceTotals))
  }

  /// Looks for other gateways' batches until it is stopped.
  func start() { look(after: Self.interval) }

  func stop() { isStopped.store(true, ordering: .releasing) }

  /// The newest batches, for a lane; nil if they do not go back so far.
  func batches(from start: SequenceNumber, limit: Int) -> [RecentBatches.Entry]? {
    isRead.store(true, ordering: .relaxed)
    return recent.batches(from: start, limit: limit)
  }

  /// Batches of this gateway have been committed, which follow each other.
  ///
  /// - Parameter publish: Called once the head has reached them, or cannot be moved now.
  func committed(_ batches: [StoredBatch], publish: @escaping @Sendable () -> Void) {
    guard let first = batches.first?.first, let end = batches.last?.end else { return publish() }
    let totals = state.withLock { state -> RunningTotals?? in
      guard head.next == first else {
        if head.next < end { state.waiting.append((end, publish)) }
        return head.next < end ? nil : .some(nil)
      }
      recent.append(batches)
      head.advance(to: end, appended: batches.map { (kind: $0.kind, end: $0.end, eventCount: $0.eventCount) })
      return .some(advanced(by: batches.count, &state))
    }
    guard let totals else { return look(after: .zero) }
    if let totals { save(totals) }
    publish()
  }

  private func advanced(by batches: Int, _ state: inout State) -> RunningTotals? {
    state.batchesSinceTotals += batches
    guard state.batchesSinceTotals >= Self.totalsInterval else { return nil }
    state.batchesSinceTotals = 0
    return RunningTotals(position: head.next, kinds: head.kinds)
  }

  private func save(_ totals: RunningTotals) {
    pool.writer.run(isRepeatable: true) { connection throws(PostgresFailure) in
      try totals.save(connection)
    } completion: { _ in
    }
  }

  // MARK: Looking

  private func look(after pause: Duration) {
    guard !isStopped.load(ordering: .acquiring) else { return giveUp() }
    let moment = ContinuousClock.now + pause
    let isSooner = state.withLock { state in
      guard state.nextLook.map({ moment < $0 }) ?? true else { return false }
      state.nextLook = moment
      return true
    }
    guard isSooner else { return }
    timer.asyncAfter(deadline: .now() + pause.inSeconds) { [weak self] in self?.lookOnce(askedFor: moment) }
  }

  /// One look at a time; the next one comes after the interval.
  private func lookOnce(askedFor moment: ContinuousClock.Instant) {
    let isDue = state.withLock { state in
      guard state.nextLook == moment else { return false }
      state.nextLook = nil
      // One that is under way asks for the next.
      guard !state.isLooking else { return false }
      state.isLooking = true
      return true
    }
    guard isDue else { return }
    let start = head.next
    let isRead = isRead.load(ordering: .relaxed)
    pool.follower.run(isRepeatable: true) { [checksum] connection throws(PostgresFailure) in
      try AppendedBatches(connection, from: start, isRead: isRead, checksum: checksum)
    } completion: { [weak self] result in
      self?.looked(from: start, result)
    }
  }

  private func looked(from start: SequenceNumber, _ result: Result<AppendedBatches, PostgresFailure>) {
    let (published, totals, isStale) = state.withLock { state in
      state.isLooking = false
      guard case .success(let found) = result else {
        // They are on disk: whoever waits need not wait for the head.
        let all = state.waiting.map(\.publish)
        state.waiting = []
        return (all, RunningTotals?.none, false)
      }
      let appended = found.kinds
      if appended.next < start {
        onFatal(PostgresFailure.wentBack("it ends at \(appended.next) and ended at \(start) before").sentence)
      }
      // A commit of this gateway may have moved it meanwhile.
      let isStale = head.next != start
      var totals: RunningTotals?
      if !isStale, appended.end > start {
        isRead.store(false, ordering: .relaxed)
        // It ends where the head is, or is empty.
        if let stored = found.stored { recent.append(stored) } else { recent.clear() }
        head.advance(to: appended.end, appended: appended.kinds)
        totals = advanced(by: appended.batches, &state)
      }
      let next = head.next
      let reached = state.waiting.filter { $0.end <= next }.map(\.publish)
      state.waiting.removeAll { $0.end <= next }
      return (reached, totals, isStale || !state.waiting.isEmpty)
    }
    if let totals { save(totals) }
    for publish in published { publish() }
    look(after: isStale ? .zero : Self.interval)
  }

  private func giveUp() {
    let waiting = state.withLock { state in
      defer { state.waiting = [] }
      return state.waiting.map(\.publish)
    }
    for publish in waiting { publish() }
  }
}

/// What was appended from a position on, by kind.
struct AppendedKinds {
  /// Where the journal ends by the counter.
  var next: SequenceNumber
  var end: SequenceNumber
  var batches = 0
  /// In the order of their ends.
  var kinds: [(kind: EventKind, end: SequenceNumber, eventCount: Int)] = []

  init(_ connection: PostgresConnection, from start: SequenceNumber) throws(PostgresFailure) {
    let rows = try connection.query(
      """
      SELECT b.app, b.type, b.command, b.last, b.events, b.batches, c.next_seq
      FROM switchyard.counter c LEFT JOIN (
        SELECT app, type, command, MAX(first_seq + event_count) AS last, SUM(event_count)::int8 AS events,
          COUNT(*) AS batches
        FROM switchyard.batches WHERE first_seq >= $1 GROUP BY app, type, command) b ON true
      ORDER BY b.last
      """, [.int(start.rawValue)])
    end = start
    next = SequenceNumber(rawValue: rows.first?.int(6) ?? start.rawValue)
    for row in (0..<rows.count).map({ rows[$0] }) where row.int(3) != nil {
      let last = SequenceNumber(rawValue: row.int(3) ?? 0)
      kinds.append((kind: EventKind(row, from: 0), end: last, eventCount: Int(row.int(4) ?? 0)))
      batches += Int(row.int(5) ?? 0)
      end = max(end, last)
    }
  }
}

extension EventKind {
  /// Reads app, type and command from three columns in a row.
  init(_ row: PostgresRow, from column: Int) {
    self.init(
      app: AppID(rawValue: row.int(column) ?? 0), type: EventType(rawValue: row.text(column + 1) ?? ""),
      command: row.text(column + 2) ?? "")
  }
}
