import GatewayCore

/// What a look has found from a position on: by kind, and the batches themselves where somebody is about to read them.
struct AppendedBatches {
  /// Bounds of what one look takes to memory: more is left to those who read.
  private static let maximumBatches = 256
  private static let maximumBytes = 2 << 20

  var kinds: AppendedKinds
  /// All of them, in order; nil if nobody reads, or they are too many, or one of them is damaged.
  var stored: [StoredBatch]?

  /// - Parameter isRead: Whether lanes read what is new.
  init(_ connection: PostgresConnection, from start: SequenceNumber, isRead: Bool, checksum: PayloadChecksum)
    throws(PostgresFailure)
  {
    if isRead, let (stored, next) = try Self.stored(connection, from: start, checksum) {
      kinds = AppendedKinds(stored, from: start, next: next)
      self.stored = stored
    } else {
      kinds = try AppendedKinds(connection, from: start)
    }
  }

  private static func stored(
    _ connection: PostgresConnection, from start: SequenceNumber, _ checksum: PayloadChecksum
  ) throws(PostgresFailure) -> (batches: [StoredBatch], next: SequenceNumber)? {
    let rows = try connection.query(
      """
      SELECT first_seq, event_count, batch_id, app, type, command, received_at, derivation, checksum,
        octet_length(payload)::int8,
        CASE WHEN SUM(octet_length(payload)) OVER (ORDER BY first_seq) <= $3 THEN payload END, c.next_seq
      FROM switchyard.counter c
      LEFT JOIN (SELECT * FROM switchyard.batches WHERE first_seq >= $1 ORDER BY first_seq LIMIT $2) b ON true
      ORDER BY first_seq
      """, [.int(start.rawValue), .int(maximumBatches + 1), .int(maximumBytes)])
    guard rows.count <= maximumBatches, let next = rows.first?.int(11) else { return nil }
    var stored: [StoredBatch] = []
    for row in (0..<rows.count).map({ rows[$0] }) where row.int(0) != nil {
      let header = BatchHeader(row)
      guard header.batch.first == stored.last?.end ?? start, header.isWhole, let payload = row.bytes(10),
        checksum(payload) == header.checksum
      else { return nil }
      stored.append(header.batch)
      stored[stored.count - 1].payload = payload
    }
    return (stored, SequenceNumber(rawValue: next))
  }
}

extension AppendedKinds {
  fileprivate init(_ stored: [StoredBatch], from start: SequenceNumber, next: SequenceNumber) {
    self.next = next
    end = stored.last?.end ?? start
    batches = stored.count
    kinds = stored.map { (kind: $0.kind, end: $0.end, eventCount: $0.eventCount) }
  }
}
