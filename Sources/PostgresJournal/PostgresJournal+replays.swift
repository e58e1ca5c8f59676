package import GatewayCore

extension PostgresJournal {
  package func openReplay(_ replay: Replay, insteadOf expired: (lane: LaneID, first: SequenceNumber)?)
    async throws(JournalError) -> LaneRecord?
  {
    try await pool.write(isRepeatable: false) { connection throws(PostgresFailure) in
      try connection.transaction { () throws(PostgresFailure) in
        if let expired {
          let gone = try connection.query(
            "DELETE FROM switchyard.exceptions WHERE lane_id = $1 AND first_seq = $2 AND state = 'expired'",
            [.int(expired.lane.rawValue), .int(expired.first.rawValue)]
          ).affected
          guard gone == 1 else { return nil }
        }
        let id = replay.id.description
        // It is its subscriber's owner's. That row is locked, so that the owner does not change in between.
        let lane = try connection.query(
          """
          WITH live AS (
            SELECT owner, epoch FROM switchyard.lanes WHERE subscriber = $1 AND replay_id IS NULL FOR SHARE)
          INSERT INTO switchyard.lanes (subscriber, replay_id, next_seq, created_seq, owner, epoch)
          SELECT $1, $2, $3, $3, (SELECT owner FROM live), (SELECT epoch FROM live) RETURNING lane_id
          """, [.text(replay.subscriber), .text(id), .int(replay.start.rawValue)]
        ).first?.int(0)
        try replay.insert(connection, lane: LaneID(rawValue: lane ?? 0))
        return try LaneRecord.read(connection, where: "l.replay_id = $1", [.text(id)]).first
      }
    }
  }

  package func replays() async throws(JournalError) -> [Replay] {
    try await pool.read { connection throws(PostgresFailure) in
      try Replay.read(connection, "ORDER BY created_at DESC, lane_id DESC", []).map(\.replay)
    }
  }

  package func setState(
    _ state: Replay.State, of replay: ReplayID, endedAt moment: Timestamp?, forgetAt: Timestamp?
  ) async throws(JournalError) {
    try await pool.write { connection throws(PostgresFailure) in
      try connection.transaction { () throws(PostgresFailure) in
        let id = PostgresValue.text(replay.description)
        _ = try connection.query(
          "UPDATE switchyard.replays SET state = $2, ended_at = $3 WHERE id = $1",
          [id, .text(state.rawValue), .int(moment?.milliseconds)])
        _ = try connection.query(
          "UPDATE switchyard.lanes SET forget_at = $2 WHERE replay_id = $1", [id, .int(forgetAt?.milliseconds)])
        guard state == .cancelled else { return }
        _ = try connection.query(
          """
          UPDATE switchyard.replays r SET end_seq = LEAST(r.end_seq, l.next_seq)
          FROM switchyard.lanes l WHERE r.id = $1 AND l.lane_id = r.lane_id
          """, [id])
        _ = try connection.query(
          """
          DELETE FROM switchyard.exceptions e USING switchyard.lanes l
          WHERE l.replay_id = $1 AND e.lane_id = l.lane_id AND e.state IN ('retrying', 'parked')
          """, [id])
      }
    }
  }
}

extension Replay {
  func insert(_ connection: PostgresConnection, lane: LaneID) throws(PostgresFailure) {
    _ = try connection.query(
      """
      INSERT INTO switchyard.replays (id, lane_id, subscriber, start_seq, end_seq, from_at, to_at, events, rate_count,
        rate_period_ms, state, created_at, ended_at, total_events, is_exact)
      VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
      """, [.text(id.description), .int(lane.rawValue)] + values)
  }

  /// - Parameter clause: Which of them, and in which order.
  static func read(_ connection: PostgresConnection, _ clause: String, _ values: [PostgresValue])
    throws(PostgresFailure) -> [(lane: LaneID, replay: Replay)]
  {
    let rows = try connection.query(
      """
      SELECT id, subscriber, start_seq, end_seq, from_at, to_at, events, rate_count, rate_period_ms, state, created_at,
        ended_at, total_events, is_exact, lane_id
      FROM switchyard.replays \(clause)
      """, values)
    var replays: [(lane: LaneID, replay: Replay)] = []
    for row in 0..<rows.count { replays.append((LaneID(rawValue: rows[row].int(14) ?? 0), try Replay(rows[row]))) }
    return replays
  }

  /// All but its id and lane.
  fileprivate var values: [PostgresValue] {
    [
      .text(subscriber), .int(start.rawValue), .int(end.rawValue), .int(from.milliseconds), .int(to.milliseconds),
      .text(events.map(\.text).joined(separator: "\n")), .int(rateLimit.map { Int64($0.count) }),
      .int(rateLimit?.period.milliseconds), .text(state.rawValue), .int(createdAt.milliseconds),
      .int(endedAt?.milliseconds), .int(totalEvents), .bool(isExact),
    ]
  }

  fileprivate init(_ row: PostgresRow) throws(PostgresFailure) {
    func number(_ column: Int) -> Int64 { row.int(column) ?? 0 }
    let (idText, stateText) = (row.text(0) ?? "", row.text(9) ?? "")
    guard let id = ReplayID(idText), let state = State(rawValue: stateText) else {
      throw .other("the journal has a replay that cannot be read: \(idText), \(stateText)")
    }
    var limit: RateLimit?
    if let count = row.int(7), let period = row.int(8) {
      limit = RateLimit(count: Int(count), period: .milliseconds(period))
    }
    self.init(
      id: id, subscriber: row.text(1) ?? "", start: SequenceNumber(rawValue: number(2)),
      end: SequenceNumber(rawValue: number(3)), from: Timestamp(milliseconds: number(4)),
      to: Timestamp(milliseconds: number(5)),
      events: (row.text(6) ?? "").split(separator: "\n").compactMap { EventPattern(String($0)) }, rateLimit: limit,
      state: state, createdAt: Timestamp(milliseconds: number(10)),
      endedAt: row.int(11).map(Timestamp.init(milliseconds:)), totalEvents: Int(number(12)), isExact: row.bool(13))
  }
}
