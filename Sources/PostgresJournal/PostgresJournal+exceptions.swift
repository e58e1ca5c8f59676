package import GatewayCore

extension PostgresJournal {
  package func dueExceptions(
    of lane: LaneID, by moment: Timestamp, limit: Int, excluding: Set<SequenceNumber>
  ) async throws(JournalError) -> [DeliveryException] {
    let due = try await exceptions(
      where: "lane_id = $1 AND state = 'retrying' AND due_at <= $2 ORDER BY due_at, accepted_at, first_seq LIMIT $3",
      [.int(lane.rawValue), .int(moment.milliseconds), .int(limit + excluding.count)])
    return Array(due.lazy.filter { !excluding.contains($0.first) }.prefix(limit))
  }

  package func nextRetrying(of lane: LaneID, after number: SequenceNumber, excluding: Set<SequenceNumber>)
    async throws(JournalError) -> DeliveryException?
  {
    let above = try await retrying(of: lane, from: number + 1, excluding: excluding)
    if let above { return above }
    return try await retrying(of: lane, from: .first, excluding: excluding)
  }

  private func retrying(of lane: LaneID, from number: SequenceNumber, excluding: Set<SequenceNumber>)
    async throws(JournalError) -> DeliveryException?
  {
    try await exceptions(
      where: "lane_id = $1 AND state = 'retrying' AND first_seq >= $2 ORDER BY first_seq LIMIT $3",
      [.int(lane.rawValue), .int(number.rawValue), .int(1 + excluding.count)]
    ).first { !excluding.contains($0.first) }
  }

  package func keyedExceptions(of lane: LaneID) async throws(JournalError) -> [DeliveryException] {
    try await exceptions(
      where: "lane_id = $1 AND keys IS NOT NULL AND state IN ('retrying', 'parked') ORDER BY first_seq",
      [.int(lane.rawValue)], members: "CASE WHEN state <> 'parked' THEN members END")
  }

  package func exceptions(of lane: LaneID, reaching number: SequenceNumber)
    async throws(JournalError) -> [DeliveryException]
  {
    try await exceptions(
      where: "lane_id = $1 AND last_seq >= $2 ORDER BY first_seq", [.int(lane.rawValue), .int(number.rawValue)])
  }

  package func exception(of lane: LaneID, at first: SequenceNumber) async throws(JournalError) -> DeliveryException? {
    try await exceptions(where: "lane_id = $1 AND first_seq = $2", [.int(lane.rawValue), .int(first.rawValue)]).first
  }

  package func exceptions(of lane: LaneID, standingFor event: SequenceNumber)
    async throws(JournalError) -> [DeliveryException]
  {
    // One event by its key; ranges and lists by the index that is over them alone.
    try await exceptions(
      where: """
        lane_id = $1 AND (first_seq = $2 OR last_seq > first_seq AND first_seq < $2 AND last_seq >= $2) ORDER BY first_seq
        """, [.int(lane.rawValue), .int(event.rawValue)]
    ).filter { $0.members.isEmpty || $0.members.contains(event) }
  }

  package func nextDue(of lane: LaneID, excluding: Set<SequenceNumber>) async throws(JournalError) -> Timestamp? {
    try await pool.read { connection throws(PostgresFailure) in
      let rows = try connection.query(
        """
        SELECT first_seq, due_at FROM switchyard.exceptions WHERE lane_id = $1 AND state = 'retrying'
        ORDER BY due_at LIMIT $2
        """, [.int(lane.rawValue), .int(1 + excluding.count)])
      return rows.map { ($0.int(0) ?? 0, $0.int(1) ?? 0) }
        .first { !excluding.contains(SequenceNumber(rawValue: $0.0)) }.map { Timestamp(milliseconds: $0.1) }
    }
  }

  package func pinningExceptions(of lane: LaneID, below floor: SequenceNumber, limit: Int)
    async throws(JournalError) -> [DeliveryException]
  {
    try await exceptions(
      where: "lane_id = $1 AND first_seq < $2 AND state <> 'expired' ORDER BY first_seq LIMIT $3",
      [.int(lane.rawValue), .int(floor.rawValue), .int(limit)])
  }

  package func deadLetters(of lane: LaneID, from start: SequenceNumber, limit: Int)
    async throws(JournalError) -> [DeliveryException]
  {
    try await exceptions(
      where: "lane_id = $1 AND first_seq >= $2 AND state IN ('dead', 'expired') ORDER BY first_seq LIMIT $3",
      [.int(lane.rawValue), .int(start.rawValue), .int(limit)])
  }

  package func exceptionCounts(of lane: LaneID) async throws(JournalError) -> ExceptionCounts {
    try await exceptionCounts(of: [lane])[lane] ?? ExceptionCounts()
  }

  package func exceptionCounts(of lanes: [LaneID]) async throws(JournalError) -> [LaneID: ExceptionCounts] {
    try await pool.read { connection throws(PostgresFailure) in
      // Each state by itself, so that each is read from its index alone.
      let rows = try connection.query(
        """
        SELECT l.lane, w.count, w.events, w.oldest, p.count, p.events, p.oldest, e.dead, e.expired,
          (SELECT first_seq FROM switchyard.exceptions
            WHERE lane_id = l.lane AND state <> 'expired' ORDER BY first_seq LIMIT 1)
        FROM unnest($1) AS l(lane),
          LATERAL (SELECT COUNT(*) AS count, COALESCE(SUM(event_count), 0)::int8 AS events, MIN(accepted_at) AS oldest
            FROM switchyard.exceptions WHERE lane_id = l.lane AND state = 'retrying') w,
          LATERAL (SELECT COUNT(*) AS count, COALESCE(SUM(event_count), 0)::int8 AS events, MIN(accepted_at) AS oldest
            FROM switchyard.exceptions WHERE lane_id = l.lane AND state = 'parked') p,
          LATERAL (SELECT COALESCE(SUM(event_count) FILTER (WHERE state = 'dead'), 0)::int8 AS dead,
              COALESCE(SUM(event_count) FILTER (WHERE state = 'expired'), 0)::int8 AS expired
            FROM switchyard.exceptions WHERE lane_id = l.lane AND state IN ('dead', 'expired')) e
        """, [.ints(lanes.map(\.rawValue))])
      return Dictionary(
        rows.map { (LaneID(rawValue: $0.int(0) ?? 0), ExceptionCounts($0)) }, uniquingKeysWith: { first, _ in first })
    }
  }

  package func deleteDeadLetters(of lane: LaneID, endedBefore moment: Timestamp, limit: Int)
    async throws(JournalError) -> Int
  {
    try await pool.write { connection throws(PostgresFailure) in
      try connection.query(
        """
        DELETE FROM switchyard.exceptions WHERE lane_id = $1 AND first_seq IN (
          SELECT first_seq FROM switchyard.exceptions
          WHERE lane_id = $1 AND state IN ('dead', 'expired') AND ended_at < $2 ORDER BY ended_at LIMIT $3)
        """, [.int(lane.rawValue), .int(moment.milliseconds), .int(limit)]
      ).affected
    }
  }

  package func discardDeadLetters(of lane: LaneID, at firsts: [SequenceNumber])
    async throws(JournalError) -> [DeliveryException]
  {
    try await pool.write(isRepeatable: false) { connection throws(PostgresFailure) in
      try connection.transaction { () throws(PostgresFailure) in
        let discarded = try connection.query(
          """
          DELETE FROM switchyard.exceptions WHERE lane_id = $1 AND first_seq = ANY ($2) AND state IN ('dead', 'expired')
          RETURNING \(DeliveryException.columns())
          """, [.int(lane.rawValue), .ints(firsts)]
        ).exceptions()
        let places = Dictionary(
          firsts.enumerated().map { ($0.element, $0.offset) }, uniquingKeysWith: { first, _ in first })
        return discarded.sorted { places[$0.first, default: 0] < places[$1.first, default: 0] }
      }
    }
  }

  private func exceptions(where condition: String, _ values: [PostgresValue], members: String = "members")
    async throws(JournalError) -> [DeliveryException]
  {
    try await pool.read { connection throws(PostgresFailure) in
      try connection.query(
        "SELECT \(DeliveryException.columns(members: members)) FROM switchyard.exceptions WHERE \(condition)", values
      ).exceptions()
    }
  }
}

extension PostgresRows {
  func exceptions() throws(PostgresFailure) -> [DeliveryException] {
    var exceptions: [DeliveryException] = []
    for row in 0..<count { exceptions.append(try DeliveryException(self[row])) }
    return exceptions
  }
}

extension ExceptionCounts {
  /// Columns from the second on.
  fileprivate init(_ row: PostgresRow) {
    func count(_ column: Int) -> Int { Int(row.int(column) ?? 0) }
    self.init(
      retrying: count(1), parkedRuns: count(4), waitingEvents: count(2) + count(5), dead: count(7),
      expiredEvents: count(8),
      oldestWaiting: [row.int(3), row.int(6)].compactMap(\.self).min().map(Timestamp.init(milliseconds:)),
      lowestPinned: row.int(9).map(SequenceNumber.init(rawValue:)))
  }
}

extension DeliveryException {
  /// - Parameter members: The expression that stands for the column.
  static func columns(members: String = "members") -> String {
    """
    first_seq, last_seq, event_count, state, accepted_at, attempts, due_at, first_attempt_at, ended_at, last_error, form,
      \(members), keys, replay_id
    """
  }

  init(_ row: PostgresRow) throws(PostgresFailure) {
    func number(_ column: Int) -> Int64 { row.int(column) ?? 0 }
    let (stateText, formText) = (row.text(3) ?? "", row.text(10) ?? "")
    guard let state = State(rawValue: stateText), let form = DeliveryForm(rawValue: formText) else {
      throw .other("the journal has an exception of the unknown kind \(stateText), \(formText)")
    }
    guard let members = Self.members(row.bytes(11)), let keys = Self.keys(row.bytes(12)) else {
      throw .other("the journal has an exception whose events cannot be read")
    }
    self.init(
      first: SequenceNumber(rawValue: number(0)), last: SequenceNumber(rawValue: number(1)), eventCount: Int(number(2)),
      state: state, form: form, members: members, keys: keys, acceptedAt: Timestamp(milliseconds: number(4)),
      attempts: Int(number(5)), dueAt: Timestamp(milliseconds: number(6)),
      firstAttemptAt: Timestamp(milliseconds: number(7)), endedAt: row.int(8).map(Timestamp.init(milliseconds:)),
      lastError: row.text(9) ?? "", replay: row.text(13).flatMap { ReplayID($0) })
  }
}
