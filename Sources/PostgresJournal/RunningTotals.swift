import GatewayCore

/// The totals by kind of all events below a position, as a row of the counts table or the head has them.
struct RunningTotals: Sendable {
  var position: SequenceNumber
  var kinds: [EventKind: JournalHead.Kind]

  /// The newest ones below or at a position, or those of an empty journal.
  static func newest(atOrBelow position: SequenceNumber, _ connection: PostgresConnection) throws(PostgresFailure)
    -> RunningTotals
  {
    try load("first_seq = (SELECT MAX(first_seq) FROM switchyard.counts WHERE first_seq <= $1)", position, connection)
      ?? RunningTotals(position: .first, kinds: [:])
  }

  /// The oldest ones at or above a position, if there are any.
  static func oldest(atOrAbove position: SequenceNumber, _ connection: PostgresConnection) throws(PostgresFailure)
    -> RunningTotals?
  {
    try load("first_seq = (SELECT MIN(first_seq) FROM switchyard.counts WHERE first_seq >= $1)", position, connection)
  }

  func save(_ connection: PostgresConnection) throws(PostgresFailure) {
    let all = kinds.map { $0 }
    _ = try connection.query(
      """
      INSERT INTO switchyard.counts (first_seq, app, type, command, total, end_seq)
      SELECT $1, * FROM unnest($2, $3, $4, $5, $6) ON CONFLICT DO NOTHING
      """,
      [
        .int(position.rawValue), .ints(all.map(\.key.app.rawValue)), .texts(all.map(\.key.type.rawValue)),
        .texts(all.map(\.key.command)), .ints(all.map { Int64($0.value.total) }), .ints(all.map(\.value.end)),
      ])
  }

  private static func load(_ condition: String, _ position: SequenceNumber, _ connection: PostgresConnection)
    throws(PostgresFailure) -> RunningTotals?
  {
    let rows = try connection.query(
      "SELECT app, type, command, total, end_seq, first_seq FROM switchyard.counts WHERE \(condition)",
      [.int(position.rawValue)])
    guard let place = rows.first?.int(5) else { return nil }
    var totals = RunningTotals(position: SequenceNumber(rawValue: place), kinds: [:])
    for row in (0..<rows.count).map({ rows[$0] }) {
      totals.kinds[EventKind(row, from: 0)] = JournalHead.Kind(
        total: Int(row.int(3) ?? 0), end: SequenceNumber(rawValue: row.int(4) ?? 0))
    }
    return totals
  }
}
