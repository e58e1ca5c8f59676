import CoreMetrics
import Dispatch
import GatewayCore
import Logging
import Synchronization

/// The group commit: takes everything that waits, appends it in one statement, and answers each caller after its commit.
///
/// There is no wait for company: a group is what came while the last one was being committed. What became of a group is
/// not known when the connection is lost under it: it is tried again, with the same ids, and then found if it is there.
final class Appender: Sendable {
  typealias Completion = @Sendable (Result<AppendOutcome, JournalError>) -> Void
  private typealias Queue = AppendQueue<Completion>

  /// How long a statement may take before its connection is given up: who waits for it has given up before.
  private static let patience: Duration = .seconds(3)
  /// How long a server is left alone that could not take a group.
  private static let pause: Duration = .milliseconds(50)
  /// How long what waits is still tried when the journal is closed.
  private static let closingTime: Duration = .seconds(2)
  /// A deadline further off is looked at again then.
  private static let longestDelay: Duration = .seconds(3600)

  private let pool: PostgresPool
  private let follower: HeadFollower
  private let partitions: Partitions
  private let clock: WallClock
  private let logger: Logger
  private let duration: Recorder
  private let queue = Mutex(Queue())
  private let retries = DispatchQueue(label: "switchyard.postgres.retries")
  private let sweeps = DispatchQueue(label: "switchyard.postgres.deadlines")
  private let isFailing = Mutex(false)
  private let isFull = Atomic(false)
  /// After a group that holds something that cannot be written, one batch at a time.
  private let singles = Atomic(0)
  private let ended = Atomic(false)

  init(
    pool: PostgresPool, follower: HeadFollower, partitions: Partitions, clock: @escaping WallClock, logger: Logger,
    duration: Recorder
  ) {
    self.pool = pool
    self.follower = follower
    self.partitions = partitions
    self.clock = clock
    self.logger = logger
    self.duration = duration
  }

  func append(
    _ batch: NewBatch, checksum: Int64, deadline: ContinuousClock.Instant, completion: @escaping Completion
  ) {
    let pending = Queue.Pending(batch: batch, checksum: checksum, deadline: deadline, waiter: completion)
    guard case .waits(let wakesWriter, let sweepAt) = queue.withLock({ $0.append(pending) }) else {
      return completion(.failure(.closed))
    }
    if wakesWriter { takeTurn() }
    if let sweepAt { sweep(at: sweepAt) }
  }

  /// Commits what waits, as far as the server takes it soon.
  func close() async {
    queue.withLock { $0.close() }
    let deadline = ContinuousClock.now + Self.closingTime
    while queue.withLock({ !$0.isEmpty }), ContinuousClock.now < deadline {
      try? await Task.sleep(for: .milliseconds(5))
    }
    // A turn that is under way is behind this.
    await withCheckedContinuation { done in
      pool.appender.run(isRepeatable: false) { _ throws(PostgresFailure) in
      } completion: { _ in
        done.resume()
      }
    }
    ended.store(true, ordering: .releasing)
    for completion in queue.withLock({ $0.abandon() }) { completion(.failure(.closed)) }
  }

  private func sweep(at moment: ContinuousClock.Instant) {
    let delay = min(moment - .now, Self.longestDelay)
    sweeps.asyncAfter(deadline: .now() + max(0, delay.inSeconds)) { [weak self] in
      guard let self else { return }
      let (overdue, next) = queue.withLock { $0.sweep(armedFor: moment, at: .now) }
      let reason: JournalError = isFull.load(ordering: .relaxed) ? .full : .deadlineExceeded
      for completion in overdue { completion(.failure(reason)) }
      if let next { sweep(at: next) }
    }
  }

  // MARK: One group

  private func takeTurn() {
    let taken = Taken()
    pool.appender.run(isRepeatable: false) { [self] connection throws(PostgresFailure) -> Group.Written? in
      // Taken only once there is a connection, so that what waits for one is still waiting; and once, also when this is
      // done again on another connection.
      guard let group = taken.group ?? taken.take(next()) else { return nil }
      let start = ContinuousClock.now
      defer { duration.record((ContinuousClock.now - start).inSeconds) }
      return try group.append(
        connection, head: follower.head.next, now: clock(), patience: Self.patience)
    } completion: { [self] result in
      switch (result, taken.group) {
      case (.success(let written?), let group?):
        noteRecovery()
        publish(written, of: group)
        takeTurn()
      case (.success, _): break
      case (.failure(let failure), let group): failed(failure, group)
      }
    }
  }

  private func next() -> Group? {
    let limit = singles.load(ordering: .relaxed) > 0 ? 1 : Queue.maximumBatches
    if limit == 1 { singles.subtract(1, ordering: .relaxed) }
    let group = queue.withLock { $0.takeGroup(at: .now, atMost: limit) }
    return group.isEmpty ? nil : Group(group, now: clock())
  }

  private func publish(_ written: Group.Written, of group: Group) {
    isFull.store(false, ordering: .relaxed)
    let waiters = queue.withLock { $0.finishGroup() }
    follower.committed(written.batches) {
      for (completion, outcome) in zip(waiters, written.outcomes) { completion?(.success(outcome)) }
    }
  }

  private func failed(_ failure: PostgresFailure, _ group: Group?) {
    switch failure {
    case .noPartition:
      queue.withLock { $0.retryGroup() }
      partitions.extend { [self] result in
        if case .failure(let failure) = result { note(failure) }
        retry(after: Self.pause)
      }
    case .wentBack(let sentence): follower.onFatal(sentence)
    case .refused, .other:
      guard let group, group.count > 1 else {
        note(failure)
        for completion in queue.withLock({ $0.finishGroup() }) { completion?(.failure(failure.journalError)) }
        return retry(after: group == nil ? Self.pause : .zero)
      }
      singles.store(group.count, ordering: .relaxed)
      queue.withLock { $0.retryGroup() }
      takeTurn()
    case .full, .unreachable, .denied, .unknownOutcome, .transient:
      if case .full = failure { isFull.store(true, ordering: .relaxed) }
      note(failure)
      queue.withLock { $0.retryGroup() }
      retry(after: Self.pause)
    }
  }

  private func retry(after pause: Duration) {
    guard !ended.load(ordering: .acquiring) else { return }
    retries.asyncAfter(deadline: .now() + pause.inSeconds) { [weak self] in self?.takeTurn() }
  }

  /// A line when writing begins to fail and one when it works again, not one a group.
  private func note(_ failure: PostgresFailure) {
    if case .transient = failure { return }
    let isNew = isFailing.withLock { isFailing in
      defer { isFailing = true }
      return !isFailing
    }
    if isNew { logger.error("journal cannot commit", metadata: ["error": "\(failure.journalError)"]) }
  }

  private func noteRecovery() {
    let wasFailing = isFailing.withLock { isFailing in
      defer { isFailing = false }
      return isFailing
    }
    if wasFailing { logger.notice("journal commits again") }
  }
}

/// What a turn has taken, for whoever learns how it ended.
private final class Taken: Sendable {
  private let held = Mutex<Group?>(nil)

  var group: Group? { held.withLock { $0 } }

  func take(_ group: Group?) -> Group? {
    held.withLock { $0 = group }
    return group
  }
}
