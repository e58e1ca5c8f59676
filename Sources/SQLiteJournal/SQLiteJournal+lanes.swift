import GRDB
package import GatewayCore

extension SQLiteJournal {
  package func openLane(for subscriber: String, startingAt start: SequenceNumber)
    async throws(JournalError) -> LaneRecord
  {
    try await database.write { db in
      let known = try Row.fetchOne(db, sql: "\(LaneRecord.select) WHERE lanes.subscriber = ?", arguments: [subscriber])
      // With a thousand subscribers a start would otherwise be a thousand syncs.
      if let lane = known.map(LaneRecord.init), lane.forgetAt == nil { return lane }
      try db.execute(
        sql: """
          INSERT INTO lanes (subscriber, next_seq, created_seq) VALUES (?1, ?2, ?2)
          ON CONFLICT (subscriber) DO UPDATE SET forget_at = NULL
          """, arguments: [subscriber, start.rawValue])
      return try LaneRecord.fetch(subscriber, db)
    }
  }

  package func lanes() async throws(JournalError) -> [LaneRecord] {
    try await database.read { db in
      try Row.fetchAll(db, sql: "\(LaneRecord.select) ORDER BY lanes.lane_id").map(LaneRecord.init)
    }
  }

  package func retireLane(_ lane: LaneID, forgetAt moment: Timestamp) async throws(JournalError) {
    try await database.write { db in
      try db.execute(
        sql: "UPDATE lanes SET forget_at = ? WHERE lane_id = ?", arguments: [moment.milliseconds, lane.rawValue])
    }
  }

  /// In short transactions, so that no callback waits for long behind a lane that has much. One that is interrupted leaves
  /// the lane with less, to be deleted again.
  package func deleteLane(_ lane: LaneID) async throws(JournalError) {
    while try await deleteExceptions(of: lane) == Self.deletedAtOnce {}
    try await database.write { db in
      for table in ["exceptions", "attempts", "replays", "lanes"] {
        try db.execute(sql: "DELETE FROM \(table) WHERE lane_id = ?", arguments: [lane.rawValue])
      }
    }
  }

  private static let deletedAtOnce = 2000

  /// Returns how many there were, at most `deletedAtOnce`.
  private func deleteExceptions(of lane: LaneID) async throws(JournalError) -> Int {
    try await database.write { [frontier] db in
      let deleted = try Int64.fetchAll(
        db,
        sql: """
          DELETE FROM exceptions WHERE lane_id = ?1 AND first_seq IN (
            SELECT first_seq FROM exceptions WHERE lane_id = ?1 ORDER BY first_seq LIMIT ?2)
          RETURNING first_seq
          """, arguments: [lane.rawValue, Self.deletedAtOnce])
      frontier.lower(to: deleted.min().map(SequenceNumber.init(rawValue:)))
      return deleted.count
    }
  }
}

extension LaneRecord {
  static let select = """
    SELECT lanes.lane_id, COALESCE(replays.subscriber, lanes.subscriber), next_seq, held_ms, held_since, forget_at,
      hold_until, gone_url, paused_at, created_seq, replays.id
    FROM lanes LEFT JOIN replays USING (lane_id)
    """

  /// - Parameter name: What it stands under in the table: a subscriber's name, or `name(of:)` of a replay.
  static func fetch(_ name: String, _ db: Database) throws -> LaneRecord {
    guard let row = try Row.fetchOne(db, sql: "\(select) WHERE lanes.subscriber = ?", arguments: [name])
    else { throw StorageFailure.other("the journal lost the lane of \(name) as it was written") }
    return LaneRecord(row)
  }

  static func name(of replay: ReplayID) -> String { "replay:\(replay)" }

  init(_ row: Row) {
    self.init(
      id: LaneID(rawValue: row[0]), subscriber: row[1], replay: (row[10] as String?).flatMap { ReplayID($0) },
      start: (row[9] as Int64?).map(SequenceNumber.init(rawValue:)), cursor: SequenceNumber(rawValue: row[2]),
      clock: HeldClock(
        heldMilliseconds: row[3], heldSince: (row[4] as Int64?).map(Timestamp.init(milliseconds:))),
      hold: LaneHold(
        until: (row[6] as Int64?).map(Timestamp.init(milliseconds:)),
        goneURL: (row[7] as Int64?).map(UInt64.init(bitPattern:)),
        pausedAt: (row[8] as Int64?).map(Timestamp.init(milliseconds:))),
      forgetAt: (row[5] as Int64?).map(Timestamp.init(milliseconds:)))
  }
}
