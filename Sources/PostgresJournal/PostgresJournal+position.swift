package import GatewayCore

extension PostgresJournal {
  /// Found by bisection, since there is no index over the time of receipt. That time is only roughly in order: callbacks
  /// that come together, or to several gateways, are written a little out of order, so the last stretch is looked through
  /// one by one.
  package func position(receivedAtOrAfter moment: Timestamp) async throws(JournalError) -> SequenceNumber {
    let next = head.next
    return try await pool.read { connection throws(PostgresFailure) in
      try Self.position(receivedAtOrAfter: moment, below: next, connection)
    }
  }

  /// Batches before the one that bisection finds that may be out of order.
  private static let disorder = 256

  private static func position(
    receivedAtOrAfter moment: Timestamp, below next: SequenceNumber, _ connection: PostgresConnection
  ) throws(PostgresFailure) -> SequenceNumber {
    // All batches that start below `low` were received before the moment, none that start at or above `high` were.
    var low = SequenceNumber.first
    var high = next
    let between = RetainedBatches.some("*", where: "first_seq >= $1 AND first_seq < $2", limit: "1")
    while low < high {
      let middle = low + (high - low) / 2
      let row = try connection.query(
        "SELECT first_seq, event_count, received_at FROM \(between) b",
        [.int(middle.rawValue), .int(high.rawValue)]
      ).first
      guard let row, let received = row.int(2), received < moment.milliseconds else {
        high = middle
        continue
      }
      low = SequenceNumber(rawValue: row.int(0) ?? 0) + Int(row.int(1) ?? 1)
    }
    let before = RetainedBatches.some(
      "first_seq, received_at", where: "first_seq < $1", limit: "$2", fromTheEnd: true)
    let after = RetainedBatches.some("first_seq", where: "first_seq >= $1", limit: "1")
    let found = try connection.query(
      """
      SELECT COALESCE(
        (SELECT MIN(b.first_seq) FROM \(before) b WHERE b.received_at >= $3),
        (SELECT first_seq FROM \(after) a))
      """, [.int(low.rawValue), .int(disorder), .int(moment.milliseconds)])
    return min(next, found.first?.int(0).map(SequenceNumber.init(rawValue:)) ?? next)
  }
}
