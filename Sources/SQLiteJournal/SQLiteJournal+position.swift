import GRDB
package import GatewayCore

extension SQLiteJournal {
  /// Found by bisection, since there is no index over the time of receipt. That time is only roughly in order: callbacks
  /// that come together are written a little out of order, so the last stretch is looked through one by one. Where the
  /// clock was set back by more than that, any of the places where the moment was passed may be found.
  package func position(receivedAtOrAfter moment: Timestamp) async throws(JournalError) -> SequenceNumber {
    let next = head.next
    return try await database.read { db in try Self.position(receivedAtOrAfter: moment, below: next, db) }
  }

  /// Batches before the one that bisection finds that may be out of order.
  private static let disorder = 256

  private static func position(receivedAtOrAfter moment: Timestamp, below next: SequenceNumber, _ db: Database) throws
    -> SequenceNumber
  {
    let probe = try db.cachedStatement(
      sql: """
        SELECT first_seq, event_count, received_at FROM batches WHERE first_seq >= ? AND first_seq < ?
        ORDER BY first_seq LIMIT 1
        """)
    // All batches that start below `low` were received before the moment, none that start at or above `high` were.
    var low = SequenceNumber.first
    var high = next
    while low < high {
      let middle = low + (high - low) / 2
      guard let row = try Row.fetchOne(probe, arguments: [middle.rawValue, high.rawValue]),
        row[2] < moment.milliseconds
      else {
        high = middle
        continue
      }
      low = SequenceNumber(rawValue: row[0]) + (row[1] as Int)
    }
    return try earliest(receivedAtOrAfter: moment, before: low, db) ?? first(atOrAfter: low, below: next, db)
  }

  /// The earliest of the batches just before a position that was received at or after the moment all the same.
  private static func earliest(receivedAtOrAfter moment: Timestamp, before position: SequenceNumber, _ db: Database)
    throws -> SequenceNumber?
  {
    let select = try db.cachedStatement(
      sql: """
        SELECT MIN(first_seq) FROM (
          SELECT first_seq, received_at FROM batches WHERE first_seq < ? ORDER BY first_seq DESC LIMIT ?)
        WHERE received_at >= ?
        """)
    let found = try Int64.fetchOne(select, arguments: [position.rawValue, disorder, moment.milliseconds])
    return found.map(SequenceNumber.init(rawValue:))
  }

  private static func first(atOrAfter position: SequenceNumber, below next: SequenceNumber, _ db: Database) throws
    -> SequenceNumber
  {
    let select = try db.cachedStatement(sql: "SELECT MIN(first_seq) FROM batches WHERE first_seq >= ?")
    let found = try Int64.fetchOne(select, arguments: [position.rawValue])
    return min(next, found.map(SequenceNumber.init(rawValue:)) ?? next)
  }
}
