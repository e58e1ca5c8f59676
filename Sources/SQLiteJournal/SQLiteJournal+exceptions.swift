import GRDB
package import GatewayCore

extension SQLiteJournal {
  package func dueExceptions(
    of lane: LaneID, by moment: Timestamp, limit: Int, excluding: Set<SequenceNumber>
  ) async throws(JournalError) -> [DeliveryException] {
    try await database.read { db in
      let rows = try Row.fetchCursor(
        db.cachedStatement(
          sql: """
            \(DeliveryException.select)
            WHERE lane_id = ? AND state = 'retrying' AND due_at <= ? ORDER BY due_at, accepted_at LIMIT ?
            """), arguments: [lane.rawValue, moment.milliseconds, limit + excluding.count])
      var due: [DeliveryException] = []
      while due.count < limit, let row = try rows.next() {
        let exception = try DeliveryException(row)
        if !excluding.contains(exception.first) { due.append(exception) }
      }
      return due
    }
  }

  package func nextDue(of lane: LaneID, excluding: Set<SequenceNumber>) async throws(JournalError) -> Timestamp? {
    try await database.read { db in
      let rows = try Row.fetchCursor(
        db.cachedStatement(
          sql: """
            SELECT first_seq, due_at FROM exceptions WHERE lane_id = ? AND state = 'retrying' ORDER BY due_at LIMIT ?
            """), arguments: [lane.rawValue, 1 + excluding.count])
      while let row = try rows.next() {
        if !excluding.contains(SequenceNumber(rawValue: row[0])) { return Timestamp(milliseconds: row[1]) }
      }
      return nil
    }
  }

  package func pinningExceptions(of lane: LaneID, below floor: SequenceNumber, limit: Int)
    async throws(JournalError) -> [DeliveryException]
  {
    try await exceptions(
      where: "lane_id = ? AND first_seq < ? AND state <> 'expired' ORDER BY first_seq LIMIT ?",
      [lane.rawValue, floor.rawValue, Int64(limit)])
  }

  package func deadLetters(of lane: LaneID, from start: SequenceNumber, limit: Int)
    async throws(JournalError) -> [DeliveryException]
  {
    try await exceptions(
      where: "lane_id = ? AND first_seq >= ? AND state <> 'retrying' ORDER BY first_seq LIMIT ?",
      [lane.rawValue, start.rawValue, Int64(limit)])
  }

  package func exceptionCounts(of lane: LaneID) async throws(JournalError) -> ExceptionCounts {
    try await database.read { db in
      var counts = ExceptionCounts()
      if let row = try Row.fetchOne(
        db.cachedStatement(
          sql: "SELECT COUNT(*), MIN(accepted_at) FROM exceptions WHERE lane_id = ? AND state = 'retrying'"),
        arguments: [lane.rawValue])
      {
        counts.retrying = row[0]
        counts.oldestRetrying = (row[1] as Int64?).map(Timestamp.init(milliseconds:))
      }
      if let row = try Row.fetchOne(
        db.cachedStatement(
          sql: """
            SELECT COUNT(*) FILTER (WHERE state = 'dead'), TOTAL(event_count) FILTER (WHERE state = 'expired')
            FROM exceptions WHERE lane_id = ? AND state <> 'retrying'
            """), arguments: [lane.rawValue])
      {
        counts.dead = row[0]
        counts.expiredEvents = row[1]
      }
      let lowest = try Int64.fetchOne(
        db.cachedStatement(
          sql: """
            SELECT first_seq FROM exceptions WHERE lane_id = ? AND state <> 'expired' ORDER BY first_seq LIMIT 1
            """), arguments: [lane.rawValue])
      counts.lowestPinned = lowest.map(SequenceNumber.init(rawValue:))
      return counts
    }
  }

  package func deleteDeadLetters(of lane: LaneID, endedBefore moment: Timestamp, limit: Int)
    async throws(JournalError) -> Int
  {
    try await database.write { [frontier] db in
      let deleted = try Int64.fetchAll(
        db.cachedStatement(
          sql: """
            DELETE FROM exceptions WHERE lane_id = ?1 AND first_seq IN (
              SELECT first_seq FROM exceptions
              WHERE lane_id = ?1 AND state <> 'retrying' AND ended_at < ?2 ORDER BY ended_at LIMIT ?3)
            RETURNING first_seq
            """), arguments: [lane.rawValue, moment.milliseconds, limit])
      frontier.lower(to: deleted.min().map(SequenceNumber.init(rawValue:)))
      return deleted.count
    }
  }

  private func exceptions(where condition: String, _ arguments: [Int64]) async throws(JournalError)
    -> [DeliveryException]
  {
    try await database.read { db in
      let select = try db.cachedStatement(sql: "\(DeliveryException.select) WHERE \(condition)")
      return try Row.fetchAll(select, arguments: StatementArguments(arguments)).map(DeliveryException.init)
    }
  }
}

extension DeliveryException {
  fileprivate static let select = """
    SELECT first_seq, last_seq, event_count, state, accepted_at, attempts, due_at, first_attempt_at, ended_at,
      last_error
    FROM exceptions
    """

  fileprivate init(_ row: Row) throws {
    let text: String = row[3]
    guard let state = State(rawValue: text) else {
      throw StorageFailure.corrupt("the journal has an exception in the unknown state \(text)")
    }
    self.init(
      first: SequenceNumber(rawValue: row[0]), last: SequenceNumber(rawValue: row[1]), eventCount: row[2],
      state: state, acceptedAt: Timestamp(milliseconds: row[4]), attempts: row[5],
      dueAt: Timestamp(milliseconds: row[6]), firstAttemptAt: Timestamp(milliseconds: row[7]),
      endedAt: (row[8] as Int64?).map(Timestamp.init(milliseconds:)), lastError: row[9])
  }
}
