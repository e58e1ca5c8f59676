package import GatewayCore

extension PostgresJournal: JournalTransfer {
  /// - Throws: `.refused` while gateways serve the journal.
  package func transferOutline() async throws(JournalError) -> TransferOutline {
    try await outline(pool) { connection throws(PostgresFailure) in
      try connection.transaction(isSnapshot: true) { () throws(PostgresFailure) in
        try TransferOutline(connection)
      }
    }
  }

  private func outline(
    _ pool: PostgresPool, _ body: @escaping @Sendable (PostgresConnection) throws(PostgresFailure) -> TransferOutline?
  ) async throws(JournalError) -> TransferOutline {
    guard let outline = try await pool.read(body) else {
      throw .refused("gateways are serving it: stop them, and wait until their leases have run out, \(leaseTime)")
    }
    return outline
  }

  private var leaseTime: String { (leases?.duration ?? .zero).description }

  package func transferPage(of section: TransferSection, after place: TransferPlace?, limit: ReadLimit)
    async throws(JournalError) -> TransferPage
  {
    try await pool.read { connection throws(PostgresFailure) in
      let place = place ?? TransferPlace(.min, .min)
      return switch section {
      case .batches: try TransferPage(batches: connection, after: place, limit)
      case .totals: try TransferPage(totals: connection, after: place)
      case .lanes: try TransferPage(lanes: connection, after: place, limit)
      case .exceptions: try TransferPage(exceptions: connection, after: place, limit)
      case .attempts: try TransferPage(attempts: connection, after: place, limit)
      }
    }
  }

  package func beginTransfer() async throws(JournalError) {
    guard try await transferOutline().isEmpty else { throw .refused("it is not empty") }
    // Batches come before the counter is told of them: it is opened anew before anybody reads.
    follower.stop()
    try await pool.write { connection throws(PostgresFailure) in
      try connection.transaction { () throws(PostgresFailure) in
        _ = try connection.query("UPDATE switchyard.meta SET is_unfinished = true")
        // They are for numbers from 1 on, which may be long gone.
        for from in try connection.query("DELETE FROM switchyard.partitions RETURNING from_seq").map({ $0.int(0) ?? 0 })
        {
          _ = try connection.query("DROP TABLE switchyard.batches_\(from)")
        }
      }
    }
  }

  package func take(_ records: [TransferRecord]) async throws(JournalError) {
    try await pool.write(isRepeatable: false) { [partitions] connection throws(PostgresFailure) in
      try connection.transaction { () throws(PostgresFailure) in
        try TransferRecords(records).write(connection, partitions)
      }
    }
  }

  package func finishTransfer(_ outline: TransferOutline) async throws(JournalError) {
    try await pool.write { [partitions] connection throws(PostgresFailure) in
      try connection.transaction { () throws(PostgresFailure) in
        _ = try connection.query("UPDATE switchyard.counter SET next_seq = $1", [.int(outline.head.rawValue)])
        for (table, column) in [("lanes", "lane_id"), ("attempts", "attempt_id")] {
          _ = try connection.query(
            """
            SELECT setval(pg_get_serial_sequence('switchyard.\(table)', '\(column)'),
              (SELECT COALESCE(MAX(\(column)), 0) + 1 FROM switchyard.\(table)), false)
            """)
        }
        _ = try connection.query(
          "UPDATE switchyard.meta SET gateway_mark = $1, last_good_routes = $2, is_unfinished = false",
          [.text(outline.mark.rawValue), .bytes(outline.lastGoodRoutes)])
      }
      try partitions.extend(connection)
    }
  }
}

extension TransferOutline {
  /// Nil while gateways serve the journal.
  fileprivate init?(_ connection: PostgresConnection) throws(PostgresFailure) {
    let row = try connection.query(
      """
      SELECT (SELECT next_seq FROM switchyard.counter), m.gateway_mark, m.last_good_routes,
        (SELECT COUNT(*) FROM switchyard.retained), (SELECT COUNT(*) FROM switchyard.counts),
        (SELECT COUNT(*) FROM switchyard.lanes), (SELECT COUNT(*) FROM switchyard.exceptions),
        (SELECT COUNT(*) FROM switchyard.attempts),
        EXISTS (SELECT 1 FROM switchyard.gateways g WHERE g.lease_until > clock_timestamp())
      FROM switchyard.meta m
      """
    ).first
    guard let row, let mark = row.text(1).flatMap(GatewayMark.init) else {
      throw .other("the journal lacks what every journal has: it is damaged")
    }
    guard !row.bool(8) else { return nil }
    let counts = TransferSection.allCases.enumerated().map { ($0.element, Int(row.int(3 + $0.offset) ?? 0)) }
    self.init(
      head: SequenceNumber(rawValue: row.int(0) ?? 1), mark: mark, lastGoodRoutes: row.bytes(2),
      counts: Dictionary(uniqueKeysWithValues: counts))
  }
}

// MARK: Pages

extension TransferPage {
  fileprivate init(batches connection: PostgresConnection, after place: TransferPlace, _ limit: ReadLimit)
    throws(PostgresFailure)
  {
    let batches = try connection.query(
      """
      SELECT first_seq, event_count, batch_id, app, type, command, received_at, derivation, duplicate_key, key_expires_at,
        checksum, payload
      FROM (SELECT *, SUM(octet_length(payload)) OVER (ORDER BY first_seq) - octet_length(payload) AS bytes_before
        FROM \(RetainedBatches.some("*", where: "first_seq > $1", limit: "$2")) r) b
      WHERE bytes_before < $3 ORDER BY first_seq
      """, [.int(place.major), .int(limit.batches), .int(limit.bytes)]
    ).map(TransferredBatch.init)
    self.init(records: batches.map { .batch($0) }, next: batches.last.map { TransferPlace($0.first.rawValue) })
  }

  /// All of one position.
  fileprivate init(totals connection: PostgresConnection, after place: TransferPlace) throws(PostgresFailure) {
    let rows = try connection.query(
      """
      SELECT app, type, command, total, end_seq, first_seq FROM switchyard.counts
      WHERE first_seq = (SELECT MIN(first_seq) FROM switchyard.counts WHERE first_seq > $1)
      ORDER BY app, type COLLATE "C", command COLLATE "C"
      """, [.int(place.major)])
    let records = rows.map { row in
      TransferRecord.total(
        below: SequenceNumber(rawValue: row.int(5) ?? 0), EventKind(row, from: 0),
        JournalHead.Kind(total: Int(row.int(3) ?? 0), end: SequenceNumber(rawValue: row.int(4) ?? 0)))
    }
    self.init(records: records, next: rows.first?.int(5).map { TransferPlace($0) })
  }

  fileprivate init(lanes connection: PostgresConnection, after place: TransferPlace, _ limit: ReadLimit)
    throws(PostgresFailure)
  {
    let lanes = try LaneRecord.read(connection, where: "l.lane_id > $1", [.int(place.major)], limit: limit.batches)
    let replays = try Replay.read(connection, "WHERE lane_id = ANY ($1)", [.ints(lanes.map(\.id.rawValue))])
    let byLane = Dictionary(replays.map { ($0.lane, $0.replay) }, uniquingKeysWith: { first, _ in first })
    let records = lanes.map { lane in
      // Who owned it last is of no meaning elsewhere.
      var lane = lane
      lane.epoch = nil
      return TransferRecord.lane(lane, byLane[lane.id])
    }
    self.init(records: records, next: lanes.last.map { TransferPlace($0.id.rawValue) })
  }

  fileprivate init(exceptions connection: PostgresConnection, after place: TransferPlace, _ limit: ReadLimit)
    throws(PostgresFailure)
  {
    let rows = try connection.query(
      """
      SELECT \(DeliveryException.columns()), lane_id FROM switchyard.exceptions
      WHERE (lane_id, first_seq) > ($1, $2) ORDER BY lane_id, first_seq LIMIT $3
      """, [.int(place.major), .int(place.minor), .int(limit.batches)])
    var records: [TransferRecord] = []
    var last: TransferPlace?
    for row in (0..<rows.count).map({ rows[$0] }) {
      let (exception, lane) = (try DeliveryException(row), row.int(14) ?? 0)
      records.append(.exception(LaneID(rawValue: lane), exception))
      last = TransferPlace(lane, exception.first.rawValue)
    }
    self.init(records: records, next: last)
  }

  fileprivate init(attempts connection: PostgresConnection, after place: TransferPlace, _ limit: ReadLimit)
    throws(PostgresFailure)
  {
    let rows = try connection.query(
      """
      SELECT \(AttemptRecord.columns), lane_id, attempt_id FROM switchyard.attempts
      WHERE (lane_id, attempt_id) > ($1, $2) ORDER BY lane_id, attempt_id LIMIT $3
      """, [.int(place.major), .int(place.minor), .int(limit.batches)])
    var records: [TransferRecord] = []
    var last: TransferPlace?
    for row in (0..<rows.count).map({ rows[$0] }) {
      let lane = row.int(13) ?? 0
      records.append(.attempt(LaneID(rawValue: lane), try AttemptRecord(row)))
      last = TransferPlace(lane, row.int(14) ?? 0)
    }
    self.init(records: records, next: last)
  }
}

// MARK: Rows

/// Records by what they are, so that those of one table are written together.
private struct TransferRecords {
  var batches: [TransferredBatch] = []
  var totals: [RunningTotals] = []
  var lanes: [(lane: LaneRecord, replay: Replay?)] = []
  var settlements: [LaneID: Settlement] = [:]

  init(_ records: [TransferRecord]) {
    for record in records {
      switch record {
      case .batch(let batch): batches.append(batch)
      case .total(let position, let kind, let total):
        if totals.last?.position != position { totals.append(RunningTotals(position: position, kinds: [:])) }
        totals[totals.count - 1].kinds[kind] = total
      case .lane(let lane, let replay): lanes.append((lane, replay))
      case .exception(let lane, let exception):
        settlements[lane, default: Settlement(lane: lane)].written.append(exception)
      case .attempt(let lane, let attempt):
        settlements[lane, default: Settlement(lane: lane)].attempts.append(attempt)
      }
    }
  }

  func write(_ connection: PostgresConnection, _ partitions: Partitions) throws(PostgresFailure) {
    if let first = batches.first, let last = batches.last {
      try partitions.cover(first.first, upTo: last.first + last.eventCount, connection)
      try TransferredBatch.insert(batches, connection)
    }
    for totals in totals { try totals.save(connection) }
    for (lane, replay) in lanes {
      try lane.insert(connection)
      if let replay { try replay.insert(connection, lane: lane.id) }
    }
    if !settlements.isEmpty { _ = try SettlementBatch(Array(settlements.values)).write(connection) }
  }
}

extension LaneRecord {
  fileprivate func insert(_ connection: PostgresConnection) throws(PostgresFailure) {
    _ = try connection.query(
      """
      INSERT INTO switchyard.lanes (lane_id, subscriber, replay_id, next_seq, created_seq, held_ms, held_since, hold_until,
        gone_url, paused_at, forget_at)
      OVERRIDING SYSTEM VALUE VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
      """,
      [
        .int(id.rawValue), .text(subscriber), .text(replay?.description), .int(cursor.rawValue), .int(start?.rawValue),
        .int(clock.heldMilliseconds), .int(clock.heldSince?.milliseconds), .int(hold.until?.milliseconds),
        .int(hold.goneURL.map(Int64.init(bitPattern:))), .int(hold.pausedAt?.milliseconds),
        .int(forgetAt?.milliseconds),
      ])
  }
}

extension TransferredBatch {
  fileprivate init(_ row: PostgresRow) {
    let key = row.bytes(8).flatMap { bytes -> DuplicateKey? in
      guard bytes.count == 16 else { return nil }
      let expiry = row.int(9).map(Timestamp.init(milliseconds:))
      return DuplicateKey(bytes: bytes, lifetime: expiry.map(DuplicateKey.Lifetime.until) ?? .whileRetained)
    }
    self.init(
      first: SequenceNumber(rawValue: row.int(0) ?? 0), eventCount: Int(row.int(1) ?? 0), id: row.bytes(2) ?? [],
      kind: EventKind(row, from: 3), receivedAt: Timestamp(milliseconds: row.int(6) ?? 0),
      derivation: Derivation(rawValue: row.text(7) ?? ""), duplicateKey: key, checksum: row.int(10) ?? 0,
      payload: row.bytes(11) ?? [])
  }

  fileprivate static func insert(_ batches: [TransferredBatch], _ connection: PostgresConnection)
    throws(PostgresFailure)
  {
    _ = try connection.query(
      """
      INSERT INTO switchyard.batches (first_seq, event_count, batch_id, app, type, command, received_at, derivation,
        duplicate_key, key_expires_at, checksum, payload)
      SELECT * FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
      """,
      [
        .ints(batches.map(\.first)), .ints(batches.map { Int64($0.eventCount) }), .blobs(batches.map(\.id)),
        .ints(batches.map(\.kind.app.rawValue)), .texts(batches.map(\.kind.type.rawValue)),
        .texts(batches.map(\.kind.command)), .ints(batches.map(\.receivedAt.milliseconds)),
        .texts(batches.map(\.derivation.rawValue)), .blobs(batches.map(\.duplicateKey?.bytes)),
        .ints(batches.map { $0.duplicateKey?.lifetime.expiry?.milliseconds }), .ints(batches.map(\.checksum)),
        .blobs(batches.map(\.payload)),
      ])
  }
}
