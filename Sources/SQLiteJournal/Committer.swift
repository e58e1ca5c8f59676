import CoreMetrics
import Dispatch
import GRDB
import GatewayCore
import Logging
import Synchronization

/// The group commit: takes everything that waits, writes it in one transaction, and answers each caller after it.
///
/// There is no wait for company: a group is what came while the last one was being synced. Each group is a turn of its
/// own on the writing connection, so other writes come in between. No task and no timer belongs to an append.
final class Committer: Sendable {
  typealias Completion = @Sendable (Result<AppendOutcome, JournalError>) -> Void
  private typealias Queue = CommitQueue<Completion, CheckedContinuation<Result<Void, JournalError>, Never>>

  private let database: JournalDatabase
  private let reserve: DiskReserve
  private let head: JournalHead
  private let room: JournalRoom
  private let recent: RecentBatches
  private let frontier: TrimFrontier
  private let keys: DuplicateKeys
  private let clock: WallClock
  private let logger: Logger
  private let duration: Recorder
  private let queue = Mutex(Queue())
  private let progress: Mutex<Progress>
  private let sweeps = DispatchQueue(label: "switchyard.journal.deadlines")

  private struct Progress {
    var batchesSinceTotals: Int
    /// With what the last commit failed that could not be made since.
    var failure: StorageFailure?
  }

  /// - Parameter batchesSinceTotals: Batches in the file after its newest running totals.
  init(
    database: JournalDatabase, reserve: DiskReserve, head: JournalHead, room: JournalRoom,
    recent: RecentBatches, frontier: TrimFrontier,
    keys: DuplicateKeys, batchesSinceTotals: Int, clock: @escaping WallClock, logger: Logger,
    metrics: any MetricsFactory
  ) {
    self.database = database
    self.reserve = reserve
    self.head = head
    self.room = room
    self.recent = recent
    self.frontier = frontier
    self.keys = keys
    self.clock = clock
    self.logger = logger
    duration = Recorder(
      label: MetricFamily.commitDuration.name, dimensions: [], aggregate: true, factory: metrics)
    progress = Mutex(Progress(batchesSinceTotals: batchesSinceTotals))
  }

  func append(
    _ batch: NewBatch, checksum: Int64, deadline: ContinuousClock.Instant, completion: @escaping Completion
  ) {
    let pending = Queue.PendingAppend(batch: batch, checksum: checksum, deadline: deadline, waiter: completion)
    admitted(queue.withLock { $0.append(pending) }) { completion(.failure(.closed)) }
  }

  func settle(_ settlement: Settlement) async throws(JournalError) {
    let result: Result<Void, JournalError> = await withCheckedContinuation { answer in
      let pending = Queue.PendingSettlement(settlement: settlement, waiter: answer)
      admitted(queue.withLock { $0.settle(pending) }) { answer.resume(returning: .failure(.closed)) }
    }
    return try result.get()
  }

  /// Commits what waits, as far as there is room; returns when that is done.
  func close() async {
    queue.withLock { $0.close() }
    await withCheckedContinuation { done in
      database.onWriter { db in
        while self.commitNextGroup(db) {}
        self.refuse(self.queue.withLock { $0.abandon() }, .full)
        done.resume()
      }
    }
  }

  /// Tries what waits for room: to be called when there may be some.
  func roomMade() {
    if queue.withLock({ $0.roomMade() }) { takeTurn() }
  }

  private func refuse(_ waiters: [Completion], _ error: JournalError) {
    if error == .full, !waiters.isEmpty { note(.full) }
    for completion in waiters { completion(.failure(error)) }
  }

  private func admitted(_ admission: Queue.Admission, refuse: () -> Void) {
    guard case .waits(let wakesWriter, let sweepAt) = admission else { return refuse() }
    if wakesWriter { takeTurn() }
    if let sweepAt { sweep(at: sweepAt) }
  }

  private func takeTurn() {
    database.onWriter { db in
      if self.commitNextGroup(db) {
        self.takeTurn()
        self.database.checkpointIfDue(db, isIdle: false)
      } else {
        self.database.checkpointIfDue(db, isIdle: true)
      }
    }
  }

  private func sweep(at moment: ContinuousClock.Instant) {
    let delay = min(moment - .now, Self.longestDelay)
    sweeps.asyncAfter(deadline: .now() + max(0, delay.inSeconds)) { [weak self] in
      guard let self else { return }
      let (overdue, next, reason) = queue.withLock { queue in
        let swept = queue.sweep(armedFor: moment, at: .now)
        return (swept.overdue, swept.next, queue.reasonToWithdraw)
      }
      refuse(overdue, reason)
      if let next { sweep(at: next) }
    }
  }

  /// A deadline further off is looked at again then.
  private static let longestDelay: Duration = .seconds(3600)
}

// MARK: One group

extension Committer {
  /// False if nothing waits that could be written.
  private func commitNextGroup(_ db: Database) -> Bool {
    guard let group = takeGroup(db) else { return false }
    refuse(group.withdrawn, group.reasonToWithdraw)
    guard !group.appends.isEmpty || !group.settlements.isEmpty else { return true }
    let start = ContinuousClock.now
    let outcome = commit(group, db)
    duration.record((ContinuousClock.now - start).inSeconds)
    let roomless = outcome.appends.indices.filter { outcome.appends[$0] == .failure(.full) }
    let waiters = queue.withLock { $0.finishGroup(roomless: roomless.map { ($0, group.appends[$0]) }) }
    if !roomless.isEmpty { room.report(free: 0) }
    for (completion, result) in zip(waiters, outcome.appends) {
      if let completion, let result { completion(result) }
    }
    for (pending, result) in zip(group.settlements, outcome.settlements) {
      if let result { pending.waiter.resume(returning: result) }
    }
    return true
  }

  private func takeGroup(_ db: Database) -> Queue.Group? {
    guard queue.withLock({ $0.hasAppends }) else { return queue.withLock { $0.takeGroup(at: .now) } }
    // If the disk cannot be asked, the commit will tell what is wrong with it.
    let found = (try? reserve.room(db)) ?? .unlimited
    let (group, isShort) = queue.withLock { queue in
      let group = queue.takeGroup(at: .now, room: found)
      return (group, queue.isShortOfRoom)
    }
    room.report(free: isShort ? 0 : found.free)
    return group
  }

  private func commit(_ group: Queue.Group, _ db: Database) -> GroupOutcome {
    var outcome = GroupOutcome(appends: group.appends.count, settlements: group.settlements.count)
    while !outcome.isDecided {
      var part: GroupOutcome.Part?
      do {
        try database.requireFile()
        let written = try db.writeTransaction { try write(group, undecidedOf: outcome, part: &part, db) }
        publish(written, of: group, undecidedOf: outcome)
        outcome.committed(written.outcomes)
        noteRecovery(hasAppends: !written.outcomes.isEmpty)
      } catch {
        keys.rollBack()
        let failure = database.failure(error)
        // Of a full disk it is told once a callback has waited for room in vain.
        if failure != .full || outcome.undecidedAppends.isEmpty { note(failure) }
        outcome.failed(failure, at: part)
        // The log may hold what is long in the file: started over, it has room for the settlements.
        if failure == .full { database.checkpoint(db) }
      }
    }
    return outcome
  }

  /// What one transaction has written.
  private struct Written {
    var outcomes: [AppendOutcome] = []
    var batches: [StoredBatch] = []
    var hasTotals = false
    var movedKeys = DuplicateKeys.Moved()
  }

  /// - Parameter part: What is being written, for whoever catches the error.
  private func write(
    _ group: Queue.Group, undecidedOf outcome: GroupOutcome, part: inout GroupOutcome.Part?, _ db: Database
  ) throws -> Written {
    var written = Written()
    let appends = outcome.undecidedAppends
    if !appends.isEmpty {
      written.hasTotals = try saveTotalsIfDue(db)
      try write(appends.map { ($0, group.appends[$0]) }, &written, part: &part, db)
      part = nil
      written.movedKeys = try keys.move(withAppends: appends.count, head: head.next, now: clock(), db)
    }
    for index in outcome.undecidedSettlements {
      part = .settlement(index)
      try db.write(group.settlements[index].settlement)
    }
    part = nil
    return written
  }

  private func write(
    _ appends: [(index: Int, pending: Queue.PendingAppend)], _ written: inout Written,
    part: inout GroupOutcome.Part?, _ db: Database
  ) throws {
    let writer = try BatchWriter(db)
    let now = clock()
    var next = head.next
    for (index, pending) in appends {
      part = .append(index)
      let batch = pending.batch
      if let key = batch.duplicateKey, let earlier = try keys.claim(key, for: next, now: now, db) {
        written.outcomes.append(.duplicate(of: earlier))
        continue
      }
      try writer.write(batch, checksum: pending.checksum, at: next)
      written.outcomes.append(.appended(next))
      written.batches.append(StoredBatch(batch, at: next))
      next = next + batch.eventCount
    }
  }

  private func saveTotalsIfDue(_ db: Database) throws -> Bool {
    guard progress.withLock({ $0.batchesSinceTotals >= RunningTotals.interval }) else { return false }
    try RunningTotals(position: head.next, kinds: head.kinds).save(db)
    return true
  }

  /// Lets everybody see what is now on disk: first the batches, then the head that leads readers to them.
  private func publish(_ written: Written, of group: Queue.Group, undecidedOf outcome: GroupOutcome) {
    keys.commit(written.movedKeys)
    progress.withLock { progress in
      if written.hasTotals { progress.batchesSinceTotals = 0 }
      progress.batchesSinceTotals += written.batches.count
    }
    for index in outcome.undecidedSettlements { frontier.lower(to: group.settlements[index].settlement.lowestFreed) }
    guard let last = written.batches.last else { return }
    recent.append(written.batches)
    head.advance(
      to: last.end, appended: written.batches.map { (kind: $0.kind, end: $0.end, eventCount: $0.eventCount) })
  }

  /// A line when writing begins to fail and one when it works again, not one a group.
  private func note(_ failure: StorageFailure) {
    if case .refused = failure { return }
    let isNew = progress.withLock { progress in
      defer { progress.failure = failure }
      return progress.failure == nil
    }
    if isNew { logger.error("journal cannot commit", metadata: ["error": "\(failure.journalError)"]) }
  }

  /// Settlements alone say nothing of a full disk: they go on there.
  private func noteRecovery(hasAppends: Bool) {
    let wasFailing = progress.withLock { progress in
      guard let failure = progress.failure, hasAppends || failure != .full else { return false }
      progress.failure = nil
      return true
    }
    if wasFailing { logger.notice("journal commits again") }
  }
}
