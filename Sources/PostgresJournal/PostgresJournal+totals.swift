package import GatewayCore

extension PostgresJournal {
  /// Exact where everything from `position` on is retained. What has been trimmed above `position` counts as below it:
  /// nobody can be owed it.
  package func totals(below position: SequenceNumber) async throws(JournalError) -> [EventKind: Int] {
    try await pool.read { connection throws(PostgresFailure) in
      // One snapshot, so that no trimming comes between.
      try connection.transaction(isSnapshot: true) { () throws(PostgresFailure) in
        if let above = try RunningTotals.oldest(atOrAbove: position, connection) {
          try Self.totals(below: position, downFrom: above, connection)
        } else {
          try Self.totals(
            below: position, upFrom: RunningTotals.newest(atOrBelow: position, connection), connection)
        }
      }
    }
  }

  /// Takes what lies between away from known totals.
  private static func totals(
    below position: SequenceNumber, downFrom above: RunningTotals, _ connection: PostgresConnection
  ) throws(PostgresFailure) -> [EventKind: Int] {
    var totals = above.kinds.mapValues(\.total)
    for (kind, count) in try counted(from: position, below: above.position, connection) {
      totals[JournalHead.entry(for: kind, in: above.kinds), default: 0] -= count
    }
    return totals.filter { $0.value > 0 }
  }

  /// Adds what lies between to the newest totals, from which on everything is retained.
  private static func totals(
    below position: SequenceNumber, upFrom newest: RunningTotals, _ connection: PostgresConnection
  ) throws(PostgresFailure) -> [EventKind: Int] {
    var totals = newest.kinds.mapValues(\.total)
    for (kind, count) in try counted(from: newest.position, below: position, connection) {
      totals[JournalHead.entry(for: kind, in: newest.kinds), default: 0] += count
    }
    return totals
  }

  /// How many retained events of each kind there are from one position to just below another.
  private static func counted(
    from start: SequenceNumber, below end: SequenceNumber, _ connection: PostgresConnection
  ) throws(PostgresFailure) -> [(EventKind, Int)] {
    try connection.query(
      """
      SELECT app, type, command, SUM(LEAST(first_seq + event_count, $2) - GREATEST(first_seq, $1))::int8
      FROM switchyard.retained
      WHERE first_seq >= \(BatchHeader.holding) AND first_seq < $2 AND first_seq + event_count > $1
      GROUP BY app, type, command
      """, [.int(start.rawValue), .int(end.rawValue)]
    ).map { (EventKind($0, from: 0), Int($0.int(3) ?? 0)) }
  }
}
