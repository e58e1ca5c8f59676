import Foundation
import GRDB
package import GatewayCore

extension SQLiteJournal: JournalTransfer {
  package func transferOutline() async throws(JournalError) -> TransferOutline {
    let (next, mark) = (head.next, mark)
    let routes = try await lastGoodRoutes()
    let counts = try await database.read { db in
      try Dictionary(
        uniqueKeysWithValues: TransferSection.allCases.map { section in
          (section, try Int.fetchOne(db, sql: "SELECT COUNT(*) FROM \(section.table)") ?? 0)
        })
    }
    return TransferOutline(head: next, mark: mark, lastGoodRoutes: routes, counts: counts)
  }

  package func transferPage(of section: TransferSection, after place: TransferPlace?, limit: ReadLimit)
    async throws(JournalError) -> TransferPage
  {
    try await database.read { db in
      switch section {
      case .batches: try Self.batches(db, after: place, limit)
      case .totals: try Self.totals(db, after: place)
      case .lanes: try Self.lanes(db, after: place, limit)
      case .exceptions: try Self.exceptions(db, after: place, limit)
      case .attempts: try Self.attempts(db, after: place, limit)
      }
    }
  }

  package func beginTransfer() async throws(JournalError) {
    guard try await transferOutline().isEmpty else { throw .refused("it is not empty") }
    try await database.write { db in try db.execute(sql: "PRAGMA application_id = \(Schema.unfinishedID)") }
  }

  package func take(_ records: [TransferRecord]) async throws(JournalError) {
    try await database.write { db in
      let writer = try BatchWriter(db)
      for record in records { try db.write(record, writer) }
    }
  }

  package func finishTransfer(_ outline: TransferOutline) async throws(JournalError) {
    try await database.write { db in
      try db.execute(
        sql: """
          UPDATE meta SET gateway_mark = ?, last_good_routes = ?, keys_through = ?,
            dedup_rows = (SELECT COUNT(*) FROM dedup), dedup_void = 0
          """,
        arguments: [outline.mark.rawValue, outline.lastGoodRoutes.map { Data($0) }, outline.head.rawValue])
      try db.execute(sql: "PRAGMA application_id = \(Schema.applicationID)")
    }
  }
}

// MARK: Pages

extension SQLiteJournal {
  private static func batches(_ db: Database, after place: TransferPlace?, _ limit: ReadLimit) throws -> TransferPage {
    let rows = try Row.fetchCursor(
      db.cachedStatement(
        sql: """
          SELECT first_seq, event_count, batch_id, app, type, command, received_at, derivation, duplicate_key,
            key_expires_at, checksum, payload
          FROM batches WHERE first_seq > ? ORDER BY first_seq LIMIT ?
          """), arguments: [place?.major ?? .min, limit.batches])
    var records: [TransferRecord] = []
    var bytes = 0
    var last: Int64?
    while bytes < limit.bytes, let row = try rows.next() {
      let batch = try TransferredBatch(row)
      bytes += batch.payload.count
      last = batch.first.rawValue
      records.append(.batch(batch))
    }
    return TransferPage(records: records, next: last.map { TransferPlace($0) })
  }

  /// All of one position.
  private static func totals(_ db: Database, after place: TransferPlace?) throws -> TransferPage {
    guard
      let next = try Int64.fetchOne(
        db, sql: "SELECT MIN(first_seq) FROM counts WHERE first_seq > ?", arguments: [place?.major ?? .min])
    else { return TransferPage(records: [], next: nil) }
    let position = SequenceNumber(rawValue: next)
    let rows = try Row.fetchAll(
      db,
      sql: """
        SELECT app, type, command, total, end_seq FROM counts WHERE first_seq = ? ORDER BY app, type, command
        """, arguments: [next])
    let records = rows.map { row in
      TransferRecord.total(
        below: position, EventKind(row, from: 0),
        JournalHead.Kind(total: row[3], end: SequenceNumber(rawValue: row[4])))
    }
    return TransferPage(records: records, next: TransferPlace(next))
  }

  private static func lanes(_ db: Database, after place: TransferPlace?, _ limit: ReadLimit) throws -> TransferPage {
    let lanes = try Row.fetchAll(
      db, sql: "\(LaneRecord.select) WHERE lanes.lane_id > ? ORDER BY lanes.lane_id LIMIT ?",
      arguments: [place?.major ?? .min, limit.batches]
    ).map(LaneRecord.init)
    let records = try lanes.map { lane in
      let replay = try Row.fetchOne(db, sql: "\(Replay.select) WHERE lane_id = ?", arguments: [lane.id.rawValue])
      return TransferRecord.lane(lane, try replay.map(Replay.init))
    }
    return TransferPage(records: records, next: lanes.last.map { TransferPlace($0.id.rawValue) })
  }

  private static func exceptions(_ db: Database, after place: TransferPlace?, _ limit: ReadLimit) throws
    -> TransferPage
  {
    let rows = try Row.fetchCursor(
      db.cachedStatement(
        sql: """
          SELECT * FROM (\(DeliveryException.select(members: "members", also: "lane_id")))
          WHERE (lane_id, first_seq) > (?, ?) ORDER BY lane_id, first_seq LIMIT ?
          """), arguments: [place?.major ?? .min, place?.minor ?? .min, limit.batches])
    var records: [TransferRecord] = []
    var last: TransferPlace?
    while let row = try rows.next() {
      let exception = try DeliveryException(row)
      let lane: Int64 = row[14]
      records.append(.exception(LaneID(rawValue: lane), exception))
      last = TransferPlace(lane, exception.first.rawValue)
    }
    return TransferPage(records: records, next: last)
  }

  /// Of one lane: there is no index by lane and age.
  private static func attempts(_ db: Database, after place: TransferPlace?, _ limit: ReadLimit) throws -> TransferPage {
    var (lane, behind) = (place?.major ?? .min, place?.minor ?? .min)
    while true {
      let rows = try Row.fetchAll(
        db.cachedStatement(
          sql: """
            SELECT \(AttemptRecord.columns), attempt_id FROM attempts
            WHERE lane_id = ? AND attempt_id > ? ORDER BY attempt_id LIMIT ?
            """), arguments: [lane, behind, limit.batches])
      if let last = rows.last {
        let records = try rows.map { TransferRecord.attempt(LaneID(rawValue: lane), try AttemptRecord($0)) }
        return TransferPage(records: records, next: TransferPlace(lane, last[13]))
      }
      guard
        let next = try Int64.fetchOne(
          db, sql: "SELECT MIN(lane_id) FROM attempts WHERE lane_id > ?", arguments: [lane])
      else { return TransferPage(records: [], next: nil) }
      (lane, behind) = (next, .min)
    }
  }
}

// MARK: Rows

extension Database {
  fileprivate func write(_ record: TransferRecord, _ writer: BatchWriter) throws {
    switch record {
    case .batch(let batch):
      try writer.write(batch)
      guard let key = batch.duplicateKey else { return }
      try cachedStatement(sql: DuplicateKeys.writeKey).execute(arguments: [
        Data(key.bytes), batch.first.rawValue, key.lifetime.expiry?.milliseconds,
      ])
    case .total(let position, let kind, let total):
      try RunningTotals(position: position, kinds: [kind: total]).save(self)
    case .lane(let lane, let replay):
      try insert(lane)
      if let replay { try insert(replay, lane: lane.id) }
    case .exception(let lane, let exception): try write(Settlement(lane: lane, written: [exception]))
    case .attempt(let lane, let attempt): try insert(attempt, of: lane)
    }
  }

  private func insert(_ lane: LaneRecord) throws {
    try execute(
      sql: """
        INSERT INTO lanes (lane_id, subscriber, next_seq, held_ms, held_since, forget_at, hold_until, gone_url,
          paused_at, created_seq)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """,
      arguments: [
        lane.id.rawValue, lane.replay.map(LaneRecord.name) ?? lane.subscriber, lane.cursor.rawValue,
        lane.clock.heldMilliseconds, lane.clock.heldSince?.milliseconds, lane.forgetAt?.milliseconds,
        lane.hold.until?.milliseconds, lane.hold.goneURL.map(Int64.init(bitPattern:)),
        lane.hold.pausedAt?.milliseconds, lane.start?.rawValue,
      ])
  }
}

extension TransferSection {
  fileprivate var table: String {
    switch self {
    case .batches: "batches"
    case .totals: "counts"
    case .lanes: "lanes"
    case .exceptions: "exceptions"
    case .attempts: "attempts"
    }
  }
}

extension TransferredBatch {
  fileprivate init(_ row: Row) throws {
    let key = (row[8] as Data?).flatMap { bytes -> DuplicateKey? in
      guard bytes.count == 16 else { return nil }
      let expiry = (row[9] as Int64?).map(Timestamp.init(milliseconds:))
      return DuplicateKey(bytes: Array(bytes), lifetime: expiry.map(DuplicateKey.Lifetime.until) ?? .whileRetained)
    }
    self.init(
      first: SequenceNumber(rawValue: row[0]), eventCount: row[1], id: Array(row[2] as Data),
      kind: EventKind(row, from: 3), receivedAt: Timestamp(milliseconds: row[6]),
      derivation: Derivation(rawValue: row[7]), duplicateKey: key, checksum: row[10], payload: Array(row[11] as Data))
  }
}
