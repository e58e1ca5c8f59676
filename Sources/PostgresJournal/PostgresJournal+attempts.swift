package import GatewayCore

extension PostgresJournal {
  package func attempts(of lane: LaneID, at event: SequenceNumber) async throws(JournalError) -> [AttemptRecord] {
    try await pool.read { connection throws(PostgresFailure) in
      let rows = try connection.query(
        """
        SELECT \(AttemptRecord.columns) FROM switchyard.attempts
        WHERE lane_id = $1 AND first_seq <= $2 AND last_seq >= $2 ORDER BY attempt_id
        """, [.int(lane.rawValue), .int(event.rawValue)])
      var attempts: [AttemptRecord] = []
      for row in 0..<rows.count { attempts.append(try AttemptRecord(rows[row])) }
      return attempts.filter { $0.carried(event) }
    }
  }

  package func trimAttempts(of lane: LaneID, keeping count: Int, since moment: Timestamp) async throws(JournalError)
    -> Bool
  {
    try await pool.write { connection throws(PostgresFailure) in
      _ = try connection.query(
        """
        DELETE FROM switchyard.attempts WHERE lane_id = $1 AND (at < $3 OR attempt_id <= (
          SELECT attempt_id FROM switchyard.attempts WHERE lane_id = $1 ORDER BY attempt_id DESC LIMIT 1 OFFSET $2))
        """, [.int(lane.rawValue), .int(count), .int(moment.milliseconds)])
      let left = try connection.query(
        "SELECT EXISTS (SELECT 1 FROM switchyard.attempts WHERE lane_id = $1)", [.int(lane.rawValue)])
      return left.first?.bool(0) ?? false
    }
  }
}

extension AttemptRecord {
  static let columns = """
    at, first_seq, last_seq, members, event_count, attempt, outcome, status, duration_ms, error, answer, is_answer_cut,
      replay_id
    """

  init(_ row: PostgresRow) throws(PostgresFailure) {
    func number(_ column: Int) -> Int64 { row.int(column) ?? 0 }
    let members = row.bytes(3).map(SequenceList.decode) ?? .some([])
    guard let outcome = AttemptOutcome(rawValue: row.text(6) ?? ""), let members else {
      throw .other("the journal has an attempt that cannot be read")
    }
    self.init(
      at: Timestamp(milliseconds: number(0)), first: SequenceNumber(rawValue: number(1)),
      last: SequenceNumber(rawValue: number(2)), members: members, eventCount: Int(number(4)), attempt: Int(number(5)),
      outcome: outcome, status: row.int(7).map(Int.init), duration: .milliseconds(number(8)), error: row.text(9),
      answer: row.bytes(10).map { AttemptResult.Answer(body: $0, isCut: row.bool(11)) },
      replay: row.text(12).flatMap { ReplayID($0) })
  }
}
