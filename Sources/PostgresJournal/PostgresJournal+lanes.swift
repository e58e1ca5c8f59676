package import GatewayCore

extension PostgresJournal {
  package func openLane(for subscriber: String, startingAt start: SequenceNumber)
    async throws(JournalError) -> LaneRecord
  {
    try await pool.write { connection throws(PostgresFailure) in
      let condition = "l.subscriber = $1 AND l.replay_id IS NULL"
      // With a thousand subscribers a start would otherwise be a thousand writes.
      let known = try LaneRecord.read(connection, where: condition, [.text(subscriber)]).first
      if let known, known.forgetAt == nil { return known }
      _ = try connection.transaction { () throws(PostgresFailure) in
        try connection.query(
          """
          INSERT INTO switchyard.lanes (subscriber, next_seq, created_seq) VALUES ($1, $2, $2)
          ON CONFLICT (subscriber) WHERE replay_id IS NULL DO UPDATE SET forget_at = NULL
          """, [.text(subscriber), .int(start.rawValue)])
      }
      guard let lane = try LaneRecord.read(connection, where: condition, [.text(subscriber)]).first else {
        throw .other("the journal lost the lane of \(subscriber) as it was written")
      }
      return lane
    }
  }

  package func lanes() async throws(JournalError) -> [LaneRecord] {
    try await pool.read { connection throws(PostgresFailure) in try LaneRecord.read(connection, where: "true", []) }
  }

  package func retireLane(_ lane: LaneID, forgetAt moment: Timestamp) async throws(JournalError) {
    try await pool.write { connection throws(PostgresFailure) in
      _ = try connection.query(
        "UPDATE switchyard.lanes SET forget_at = $2 WHERE lane_id = $1",
        [.int(lane.rawValue), .int(moment.milliseconds)])
    }
  }

  /// In short transactions, so that none holds what a lane has many of for long. One that is interrupted leaves the lane
  /// with less, to be deleted again.
  package func deleteLane(_ lane: LaneID) async throws(JournalError) {
    try await pool.write { connection throws(PostgresFailure) in
      for table in ["exceptions", "attempts"] {
        while try connection.query(
          """
          DELETE FROM switchyard.\(table) WHERE ctid = ANY (ARRAY(
            SELECT ctid FROM switchyard.\(table) WHERE lane_id = $1 LIMIT $2))
          """, [.int(lane.rawValue), .int(Self.deletedAtOnce)]
        ).affected == Self.deletedAtOnce {}
      }
      try connection.transaction { () throws(PostgresFailure) in
        for table in ["exceptions", "attempts", "replays", "lanes"] {
          _ = try connection.query("DELETE FROM switchyard.\(table) WHERE lane_id = $1", [.int(lane.rawValue)])
        }
      }
    }
  }

  private static let deletedAtOnce = 2000
}

extension LaneRecord {
  /// - Parameter condition: Over `l`, the lanes.
  static func read(
    _ connection: PostgresConnection, where condition: String, _ values: [PostgresValue], limit: Int = .max
  ) throws(PostgresFailure) -> [LaneRecord] {
    try connection.query(
      """
      SELECT l.lane_id, l.subscriber, l.next_seq, l.held_ms, l.held_since, l.forget_at, l.hold_until, l.gone_url,
        l.paused_at, l.created_seq, l.replay_id, l.epoch
      FROM switchyard.lanes l WHERE \(condition) ORDER BY l.lane_id LIMIT \(limit)
      """, values
    ).map(LaneRecord.init)
  }

  private init(_ row: PostgresRow) {
    func moment(_ column: Int) -> Timestamp? { row.int(column).map(Timestamp.init(milliseconds:)) }
    self.init(
      id: LaneID(rawValue: row.int(0) ?? 0), subscriber: row.text(1) ?? "",
      replay: row.text(10).flatMap { ReplayID($0) },
      start: row.int(9).map(SequenceNumber.init(rawValue:)), cursor: SequenceNumber(rawValue: row.int(2) ?? 1),
      clock: HeldClock(heldMilliseconds: row.int(3) ?? 0, heldSince: moment(4)),
      hold: LaneHold(until: moment(6), goneURL: row.int(7).map(UInt64.init(bitPattern:)), pausedAt: moment(8)),
      forgetAt: moment(5), epoch: row.int(11))
  }
}
