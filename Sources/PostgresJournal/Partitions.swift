import GatewayCore
import Logging

/// The partitions of batches: each for a range of sequence numbers, made before it is needed and dropped as a whole.
final class Partitions: Sendable {
  /// How wide a partition is at first, in events, and at least. One group never needs more.
  static let defaultWidth = 1 << 20
  /// A partition that was filled faster than this is followed by one of twice its width; one that took four times as long
  /// by one of half its width.
  private static let shortTime: Int64 = 4 * 3600
  /// A partition older than this loses what is trimmed of it row by row.
  private static let longTime: Int64 = 24 * 3600
  private static let deletedAtOnce = 1000
  /// How long a drop waits for those who are reading; meanwhile others wait behind it.
  private static let dropPatience = 200

  private let pool: PostgresPool
  private let width: Int
  private let logger: Logger

  init(pool: PostgresPool, width: Int = Partitions.defaultWidth, logger: Logger) {
    self.pool = pool
    self.width = width
    self.logger = logger
  }

  /// Makes the next partition if the last one is in use.
  func extend(_ completion: @escaping @Sendable (Result<Void, PostgresFailure>) -> Void) {
    pool.writer.run(
      isRepeatable: true, { [self] connection throws(PostgresFailure) in try extend(connection) },
      completion: completion)
  }

  func extend(_ connection: PostgresConnection) throws(PostgresFailure) {
    while try !hasSpare(connection) { try add(connection) }
  }

  private func hasSpare(_ connection: PostgresConnection) throws(PostgresFailure) -> Bool {
    let rows = try connection.query(
      """
      SELECT COALESCE((SELECT MAX(p.from_seq) FROM switchyard.partitions p) > (SELECT next_seq FROM switchyard.counter),
        false)
      """)
    return rows.first?.bool(0) ?? false
  }

  /// A table is made beside the others and then attached, which keeps nobody from reading or appending.
  private func add(_ connection: PostgresConnection) throws(PostgresFailure) {
    try connection.transaction { () throws(PostgresFailure) in
      _ = try connection.query("SELECT 1 FROM switchyard.meta FOR UPDATE")
      // Another gateway may have made it while this one waited.
      guard try !hasSpare(connection) else { return }
      let next = try connection.query("SELECT next_seq FROM switchyard.counter").first?.int(0) ?? 1
      try add(connection, for: next, upTo: next)
    }
  }

  /// Makes room for batches that are moved here, which may lie far from those before.
  func cover(_ first: SequenceNumber, upTo end: SequenceNumber, _ connection: PostgresConnection)
    throws(PostgresFailure)
  {
    let covered = try connection.query("SELECT MAX(to_seq) FROM switchyard.partitions").first?.int(0) ?? 0
    guard covered < end.rawValue else { return }
    try add(connection, for: first.rawValue, upTo: end.rawValue)
  }

  /// The next partition: after the last one, or where there is nothing in between, from `first` on.
  private func add(_ connection: PostgresConnection, for first: Int64, upTo end: Int64) throws(PostgresFailure) {
    let last = try connection.query(
      """
      SELECT from_seq, to_seq, EXTRACT(epoch FROM clock_timestamp() - created_at)::int8 FROM switchyard.partitions
      ORDER BY from_seq DESC LIMIT 1
      """
    ).first
    let from = max(first, last?.int(1) ?? 1)
    let to = max(end, from + width(after: last))
    let table = "switchyard.batches_\(from)"
    _ = try connection.query("CREATE TABLE \(table) (LIKE switchyard.batches INCLUDING DEFAULTS INCLUDING STORAGE)")
    _ = try connection.query(
      "ALTER TABLE switchyard.batches ATTACH PARTITION \(table) FOR VALUES FROM (\(from)) TO (\(to))")
    _ = try connection.query(
      "INSERT INTO switchyard.partitions (from_seq, to_seq) VALUES ($1, $2)", [.int(from), .int(to)])
  }

  private func width(after last: PostgresRow?) -> Int64 {
    // A width that was set small, for a test, stays small.
    guard width >= Self.defaultWidth, let from = last?.int(0), let to = last?.int(1), let age = last?.int(2) else {
      return Int64(width)
    }
    let filled = age < Self.shortTime ? (to - from) * 2 : age > 4 * Self.shortTime ? (to - from) / 2 : to - from
    return max(Int64(width), filled)
  }

  /// Deletes what is trimmed of partitions that take long to fill, so that nothing is kept for much longer than it is
  /// to be. Where there is much, a partition is dropped before.
  func empty(_ connection: PostgresConnection) throws(PostgresFailure) {
    let rows = try connection.query(
      """
      SELECT from_seq FROM switchyard.partitions
      WHERE trimmed_bytes > 0 AND created_at < clock_timestamp() - $1 * interval '1 second'
        AND to_seq > (SELECT retained_from FROM switchyard.meta) ORDER BY from_seq
      """, [.int(Self.longTime)])
    for from in rows.map({ $0.int(0) ?? 0 }) {
      let deleted = try connection.query(
        """
        DELETE FROM switchyard.batches WHERE first_seq IN (
          SELECT first_seq FROM switchyard.batches
          WHERE first_seq >= $1 AND first_seq < (SELECT retained_from FROM switchyard.meta) ORDER BY first_seq LIMIT $2)
        """, [.int(from), .int(Self.deletedAtOnce)]
      ).affected
      guard deleted < Self.deletedAtOnce else { continue }
      _ = try connection.query("UPDATE switchyard.partitions SET trimmed_bytes = 0 WHERE from_seq = $1", [.int(from)])
    }
  }

  /// Drops what lies below the batches that are retained. What is being read is dropped another time.
  func drop(_ connection: PostgresConnection) throws(PostgresFailure) {
    let rows = try connection.query(
      """
      SELECT from_seq FROM switchyard.partitions
      WHERE to_seq <= (SELECT retained_from FROM switchyard.meta) ORDER BY from_seq
      """)
    for from in rows.map({ $0.int(0) ?? 0 }) {
      do throws(PostgresFailure) {
        try connection.transaction { () throws(PostgresFailure) in
          _ = try connection.query("SELECT set_config('lock_timeout', '\(Self.dropPatience)', true)")
          _ = try connection.query("DROP TABLE IF EXISTS switchyard.batches_\(from)")
          _ = try connection.query("DELETE FROM switchyard.partitions WHERE from_seq = $1", [.int(from)])
        }
      } catch {
        guard case .transient = error else { throw error }
        return logger.debug("a partition is in use and is dropped later", metadata: ["error": "\(error.sentence)"])
      }
    }
  }
}

extension PostgresConnection {
  /// Several statements that take effect together. A client that is silent for long in between is cut off by the server,
  /// so that what it holds does not keep others waiting.
  func transaction<Value>(isSnapshot: Bool = false, _ body: () throws(PostgresFailure) -> Value) throws(PostgresFailure)
    -> Value
  {
    _ = try query(isSnapshot ? "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY" : "BEGIN")
    do throws(PostgresFailure) {
      _ = try query(
        """
        SELECT set_config('idle_in_transaction_session_timeout', '5000', true),
          CASE WHEN current_setting('synchronous_commit') IN ('off', 'local', 'remote_write')
            THEN set_config('synchronous_commit', 'on', true) END
        """)
      let value = try body()
      _ = try query("COMMIT")
      return value
    } catch {
      if !error.losesConnection { _ = try? query("ROLLBACK") }
      throw error
    }
  }
}
