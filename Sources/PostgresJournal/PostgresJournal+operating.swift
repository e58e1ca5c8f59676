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

  /// Does what an append does, on the session that appends use, and commits a write: what cannot be done there takes no
  /// callbacks. It is answered within a bound also where the server takes statements and finishes none.
  package func checkWritable() async throws(JournalError) {
    guard !pool.isClosed else { throw .closed }
    let head = head.next
    let result = await pool.appender.run(within: Self.longestProbe) { connection throws(PostgresFailure) in
      _ = try Group([], now: Timestamp(milliseconds: 0)).append(
        connection, head: head, now: Timestamp(milliseconds: 0), patience: Self.longestProbe)
      _ = try connection.execute("UPDATE switchyard.probe SET writes = writes + 1", [], by: .now + Self.longestProbe)
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
