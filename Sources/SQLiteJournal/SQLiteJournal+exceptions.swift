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
      where: "lane_id = ? AND state = 'retrying' AND first_seq >= ? ORDER BY first_seq LIMIT ?",
      [lane.rawValue, number.rawValue, Int64(1 + excluding.count)]
    ).first { !excluding.contains($0.first) }
  }

  package func keyedExceptions(of lane: LaneID) async throws(JournalError) -> [DeliveryException] {
    try await database.read { db in
      let select = try db.cachedStatement(
        sql: """
          \(DeliveryException.select(members: "IIF(state = 'parked', NULL, members)"))
          WHERE lane_id = ? AND keys IS NOT NULL AND state IN ('retrying', 'parked') ORDER BY first_seq
          """)
      return try Row.fetchAll(select, arguments: [lane.rawValue]).map(DeliveryException.init)
    }
  }

  package func exceptions(of lane: LaneID, reaching number: SequenceNumber)
    async throws(JournalError) -> [DeliveryException]
  {
    // By the lane's own rows: the index on last_seq holds those of all lanes.
    try await exceptions(where: "lane_id = ? AND +last_seq >= ? ORDER BY first_seq", [lane.rawValue, number.rawValue])
  }

  package func exception(of lane: LaneID, at first: SequenceNumber) async throws(JournalError) -> DeliveryException? {
    try await exceptions(where: "lane_id = ? AND first_seq = ?", [lane.rawValue, first.rawValue]).first
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
      where: "lane_id = ? AND first_seq >= ? AND state IN ('dead', 'expired') ORDER BY first_seq LIMIT ?",
      [lane.rawValue, start.rawValue, Int64(limit)])
  }

  package func exceptionCounts(of lane: LaneID) async throws(JournalError) -> ExceptionCounts {
    try await database.read { db in
      var counts = ExceptionCounts()
      if let row = try Row.fetchOne(
        db.cachedStatement(sql: DeliveryException.countWaiting), arguments: [lane.rawValue])
      {
        counts.retrying = row[0]
        counts.parkedRuns = row[1]
        counts.waitingEvents = row[2]
        counts.oldestWaiting = (row[3] as Int64?).map(Timestamp.init(milliseconds:))
      }
      if let row = try Row.fetchOne(db.cachedStatement(sql: DeliveryException.countEnded), arguments: [lane.rawValue]) {
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
              WHERE lane_id = ?1 AND state IN ('dead', 'expired') AND ended_at < ?2 ORDER BY ended_at LIMIT ?3)
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
