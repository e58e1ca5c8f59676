package import CoreMetrics
package import GatewayCore
package import Logging

/// The journal that several gateways share, in a PostgreSQL database.
///
/// Any gateway appends: a commit holds the one row that numbers come from until it is visible, so that numbers are dense
/// and become visible in order. Lanes are owned by leases. What a gateway's lanes read is in memory while they keep up,
/// read there once for all of them where others have appended it, and otherwise comes from the server.
package final class PostgresJournal: Journal {
  package let head: JournalHead
  package let mark: GatewayMark
  package let room = JournalRoom()
  package let leases: (any LaneLeases)?
  /// Longer than on a local disk: each settlement is a write on a server that others use too.
  package let settlementInterval: Duration = .milliseconds(100)
  let pool: PostgresPool
  let follower: HeadFollower
  let partitions: Partitions
  let checksum: PayloadChecksum
  private let appender: Appender
  private let settler: Settler

  private init(
    pool: PostgresPool, start: Start, partitions: Partitions, digest: any Digest, clock: @escaping WallClock,
    logger: Logger, metrics: any MetricsFactory, onFatal: @escaping @Sendable (String) -> Never
  ) {
    let duration = Recorder(
      label: MetricFamily.commitDuration.name, dimensions: [], aggregate: true, factory: metrics)
    self.pool = pool
    self.partitions = partitions
    head = start.head
    mark = start.mark
    leases = PostgresLeases(pool: pool)
    checksum = PayloadChecksum(digest: digest)
    follower = HeadFollower(
      head: start.head, batchesSinceTotals: start.batchesSinceTotals, pool: pool, checksum: checksum,
      onFatal: onFatal)
    appender = Appender(
      pool: pool, follower: follower, partitions: partitions, clock: clock, logger: logger, duration: duration)
    settler = Settler(pool: pool, duration: duration)
    follower.start()
  }

  /// What is read when the journal is opened.
  private struct Start: Sendable {
    var head: JournalHead
    var mark: GatewayMark
    /// Batches after the newest running totals.
    var batchesSinceTotals: Int
  }

  /// Opens a journal, made if the database holds none, with everything that was committed in it.
  ///
  /// - Parameters:
  ///   - partitionWidth: How many events the first partition has room for.
  ///   - onFatal: Called with a sentence when the server has lost commits; ends the process.
  /// - Throws: `.unavailable` with a sentence when the server cannot be reached, or must not be used.
  package static func open(
    _ address: PostgresAddress, partitionWidth: Int? = nil, digest: any Digest, clock: @escaping WallClock,
    logger: Logger, metrics: any MetricsFactory, onFatal: @escaping @Sendable (String) -> Never
  ) async throws(JournalError) -> PostgresJournal {
    try await open(
      address, schema: .standard, partitionWidth: partitionWidth, digest: digest, clock: clock, logger: logger,
      metrics: metrics, onFatal: onFatal)
  }

  static func open(
    _ address: PostgresAddress, schema: Schema, partitionWidth: Int?, digest: any Digest, clock: @escaping WallClock,
    logger: Logger, metrics: any MetricsFactory, onFatal: @escaping @Sendable (String) -> Never
  ) async throws(JournalError) -> PostgresJournal {
    let pool = PostgresPool(address)
    let partitions = Partitions(pool: pool, width: partitionWidth ?? Partitions.defaultWidth, logger: logger)
    do throws(JournalError) {
      let start = try await waiting(for: pool, logger) { connection throws(PostgresFailure) in
        try schema.migrate(connection, shown: address.shown)
        _ = try schema.check(connection, shown: address.shown)
        try partitions.extend(connection)
        return try load(connection)
      }
      logger.info(
        "journal opened",
        metadata: [
          "journal.url": "\(address.shown)", "journal.head": "\(start.head.next)",
          "journal.batches_read": "\(start.batchesSinceTotals)",
        ])
      return PostgresJournal(
        pool: pool, start: start, partitions: partitions, digest: digest, clock: clock, logger: logger,
        metrics: metrics, onFatal: onFatal)
    } catch {
      await pool.close()
      throw error
    }
  }

  /// How long a server is waited for that cannot be reached: it may be starting, or failing over.
  private static let openingTime: Duration = .seconds(30)
  private static let openingPause: Duration = .milliseconds(250)

  private static func waiting(
    for pool: PostgresPool, _ logger: Logger,
    _ body: @escaping @Sendable (PostgresConnection) throws(PostgresFailure) -> Start
  ) async throws(JournalError) -> Start {
    let deadline = ContinuousClock.now + openingTime
    var isTold = false
    while true {
      switch await pool.writer.run(isRepeatable: true, body) {
      case .success(let start): return start
      case .failure(let failure):
        guard failure.mayPass, ContinuousClock.now < deadline, !Task.isCancelled else { throw failure.journalError }
        if !isTold { logger.warning("waiting for PostgreSQL", metadata: ["error": "\(failure.sentence)"]) }
        isTold = true
        try? await Task.sleep(for: openingPause)
      }
    }
  }

  private static func load(_ connection: PostgresConnection) throws(PostgresFailure) -> Start {
    try connection.transaction(isSnapshot: true) { () throws(PostgresFailure) in
      let text = try connection.query("SELECT gateway_mark FROM switchyard.meta").first?.text(0)
      guard let mark = text.flatMap(GatewayMark.init) else {
        throw .other("the journal lacks the mark that every journal is made with: it is damaged")
      }
      let totals = try RunningTotals.newest(atOrBelow: SequenceNumber(rawValue: .max), connection)
      let head = JournalHead(next: totals.position, kinds: totals.kinds)
      let appended = try AppendedKinds(connection, from: totals.position)
      head.advance(to: appended.end, appended: appended.kinds)
      return Start(head: head, mark: mark, batchesSinceTotals: appended.batches)
    }
  }

  package func append(
    _ batch: NewBatch, deadline: ContinuousClock.Instant,
    completion: @escaping @Sendable (Result<AppendOutcome, JournalError>) -> Void
  ) {
    // The checksum is made here and not by the appender, which everybody waits for.
    appender.append(batch, checksum: checksum(batch.payload), deadline: deadline, completion: completion)
  }

  package func settle(_ settlement: Settlement) async throws(JournalError) { try await settler.settle(settlement) }

  package func close() async {
    await appender.close()
    await settler.close()
    follower.stop()
    await pool.close()
  }
}
