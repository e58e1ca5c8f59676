package import GatewayCore

extension PostgresJournal {
  package func saveLastGoodRoutes(_ copy: [UInt8]) async throws(JournalError) {
    try await pool.write { connection throws(PostgresFailure) in
      _ = try connection.query("UPDATE switchyard.meta SET last_good_routes = $1", [.bytes(copy)])
    }
  }

  package func lastGoodRoutes() async throws(JournalError) -> [UInt8]? {
    try await pool.read { connection throws(PostgresFailure) in
      try connection.query("SELECT last_good_routes FROM switchyard.meta").first?.bytes(0)
    }
  }

  /// On the session that appends use: what cannot be reached there takes no callbacks.
  package func checkWritable() async throws(JournalError) {
    guard !pool.isClosed else { throw .closed }
    let result = await pool.appender.run(isRepeatable: true) { connection throws(PostgresFailure) in
      _ = try connection.execute(
        "UPDATE switchyard.probe SET writes = writes + 1", [], by: .now + Self.longestProbe)
    }
    if case .failure(let failure) = result { throw pool.isClosed ? .closed : failure.journalError }
  }

  private static let longestProbe: Duration = .seconds(2)

  /// How much the server has left it does not tell.
  package func space() async throws(JournalError) -> JournalSpace {
    let used = try await pool.read { connection throws(PostgresFailure) in
      try connection.query(
        """
        SELECT (COALESCE(SUM(pg_total_relation_size(c.oid)), 0)
          - (SELECT COALESCE(SUM(trimmed_bytes), 0) FROM switchyard.partitions))::int8
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE n.nspname = 'switchyard' AND c.relkind = 'r'
        """
      ).first?.int(0) ?? 0
    }
    return JournalSpace(used: Int(max(0, used)), free: JournalSpace.unknown, volume: JournalSpace.unknown)
  }

  package func backUp(to path: String) async throws(JournalError) -> JournalCopy {
    throw .refused(
      "a journal on PostgreSQL is backed up with PostgreSQL's own tools, pg_basebackup or pg_dump; see docs/postgres.md"
    )
  }
}
