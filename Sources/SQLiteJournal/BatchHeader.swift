import GRDB
import GatewayCore

/// What is known of a batch without its payload.
struct BatchHeader {
  var first: SequenceNumber
  var eventCount: Int
  var kind: EventKind

  var end: SequenceNumber { first + eventCount }

  /// Goes over the retained batches that have events at or above `start` and below `end`, in order.
  static func forEach(
    from start: SequenceNumber, below end: SequenceNumber, _ db: Database, _ body: (BatchHeader) throws -> Void
  ) throws {
    let select = try db.cachedStatement(
      sql: """
        SELECT first_seq, event_count, app, type, command FROM batches
        WHERE first_seq >= \(holding) AND first_seq < ?2 AND first_seq + event_count > ?1 ORDER BY first_seq
        """)
    let rows = try Row.fetchCursor(select, arguments: [start.rawValue, end.rawValue])
    while let row = try rows.next() {
      try body(BatchHeader(first: SequenceNumber(rawValue: row[0]), eventCount: row[1], kind: EventKind(row, from: 2)))
    }
  }

  /// SQL for where a scan from `?1` starts: at the batch that may hold it, else there.
  static let holding = """
    COALESCE((SELECT first_seq FROM batches WHERE first_seq <= ?1 ORDER BY first_seq DESC LIMIT 1), ?1)
    """
}
