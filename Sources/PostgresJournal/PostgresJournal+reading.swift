package import GatewayCore

extension PostgresJournal {
  /// Batches that one read covers at most.
  private static let pageBatches = 256

  package func read(from start: SequenceNumber, limit: ReadLimit, wanted: @escaping @Sendable (EventKind) -> Bool)
    async throws(JournalError) -> JournalPage
  {
    guard !pool.isClosed else { throw .closed }
    let limit = ReadLimit(batches: max(1, min(limit.batches, Self.pageBatches)), bytes: limit.bytes)
    // Taken first: all below it is committed, and so is in the recent batches or on the server.
    let next = head.next
    guard start < next else { return JournalPage(batches: [], damaged: [], through: start) }
    if let entries = follower.batches(from: start, limit: limit.batches) {
      return PageBuilder.page(of: entries, from: start, below: next, limit: limit, wanted: wanted)
    }
    return try await pool.read { [checksum] connection throws(PostgresFailure) in
      try Self.page(connection, from: start, below: next, limit: limit, checksum: checksum, wanted: wanted)
    }
  }

  /// First what batches there are, then the payloads of those that are wanted: as many as there is room for.
  private static func page(
    _ connection: PostgresConnection, from start: SequenceNumber, below next: SequenceNumber, limit: ReadLimit,
    checksum: PayloadChecksum, wanted: (EventKind) -> Bool
  ) throws(PostgresFailure) -> JournalPage {
    let headers = try BatchHeader.read(connection, from: start, below: next, limit: limit.batches)
    var bytes = 0
    let fitting = headers.filter { wanted($0.batch.kind) }.prefix { header in
      bytes += header.size
      return bytes == header.size || bytes <= limit.bytes
    }
    let payloads = try payloads(of: fitting.map(\.batch.first), connection)
    var builder = PageBuilder(from: start, limit: limit)
    for header in headers {
      guard wanted(header.batch.kind) else {
        builder.pass(to: header.batch.end)
        continue
      }
      guard fitting.contains(where: { $0.batch.first == header.batch.first }) else { return builder.page }
      guard let payload = payloads[header.batch.first] else {
        // Trimmed between the two looks.
        builder.pass(to: header.batch.end)
        continue
      }
      var batch = header.batch
      if !header.isWhole || checksum(payload) != header.checksum {
        builder.addDamaged(batch)
      } else {
        batch.payload = payload
        _ = builder.add(batch)
      }
    }
    if headers.count < limit.batches { builder.finish(at: next) }
    return builder.page
  }

  private static func payloads(of batches: [SequenceNumber], _ connection: PostgresConnection) throws(PostgresFailure)
    -> [SequenceNumber: [UInt8]]
  {
    guard !batches.isEmpty else { return [:] }
    let rows = try connection.query(
      "SELECT first_seq, payload FROM switchyard.retained WHERE first_seq = ANY ($1)", [.ints(batches)])
    return Dictionary(
      rows.map { (SequenceNumber(rawValue: $0.int(0) ?? 0), $0.bytes(1) ?? []) },
      uniquingKeysWith: { first, _ in first })
  }
}

/// What is known of a batch without its payload.
struct BatchHeader {
  /// Its payload is empty.
  var batch: StoredBatch
  var checksum: Int64
  /// Of its payload, in bytes.
  var size: Int
  /// Whether its id is one, which the checksum does not cover.
  var isWhole: Bool

  /// Batches that have events at or above `start` and below `end`, in order.
  static func read(
    _ connection: PostgresConnection, from start: SequenceNumber, below end: SequenceNumber, limit: Int
  ) throws(PostgresFailure) -> [BatchHeader] {
    let batches = RetainedBatches.some(
      "*", where: "first_seq >= \(holding) AND first_seq < $2 AND first_seq + event_count > $1", limit: "$3")
    return try connection.query(
      """
      SELECT first_seq, event_count, batch_id, app, type, command, received_at, derivation, checksum,
        octet_length(payload)::int8
      FROM \(batches) b ORDER BY first_seq
      """, [.int(start.rawValue), .int(end.rawValue), .int(limit)]
    ).map { BatchHeader($0) }
  }

  /// SQL for where a scan from `$1` starts: at the batch that may hold it, else there.
  static let holding = """
    COALESCE((SELECT h.first_seq
      FROM \(RetainedBatches.some("first_seq", where: "first_seq <= $1", limit: "1", fromTheEnd: true)) h), $1)
    """

  /// Of a row with these ten columns first.
  init(_ row: PostgresRow) {
    let id = BatchID(bytes: row.bytes(2) ?? [])
    batch = StoredBatch(
      first: SequenceNumber(rawValue: row.int(0) ?? 0), eventCount: Int(row.int(1) ?? 0),
      id: id ?? BatchID(high: 0, low: 0), kind: EventKind(row, from: 3),
      receivedAt: Timestamp(milliseconds: row.int(6) ?? 0), derivation: Derivation(rawValue: row.text(7) ?? ""),
      payload: [])
    checksum = row.int(8) ?? 0
    size = Int(row.int(9) ?? 0)
    isWhole = id != nil
  }
}
