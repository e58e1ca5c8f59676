import Foundation
import GRDB
package import GatewayCore

extension SQLiteJournal {
  package func attempts(of lane: LaneID, at event: SequenceNumber) async throws(JournalError) -> [AttemptRecord] {
    try await database.read { db in
      let select = try db.cachedStatement(
        sql: """
          SELECT \(AttemptRecord.columns) FROM attempts WHERE lane_id = ?1 AND first_seq <= ?2 AND last_seq >= ?2 ORDER BY attempt_id
          """)
      return try Row.fetchAll(select, arguments: [lane.rawValue, event.rawValue]).map(AttemptRecord.init)
        .filter { $0.carried(event) }
    }
  }

  package func trimAttempts(of lane: LaneID, keeping count: Int, since moment: Timestamp) async throws(JournalError)
    -> Bool
  {
    try await database.write { db in
      try db.execute(
        sql: """
          DELETE FROM attempts WHERE lane_id = ?1 AND (at < ?3 OR attempt_id <= (
            SELECT attempt_id FROM attempts WHERE lane_id = ?1 ORDER BY attempt_id DESC LIMIT 1 OFFSET ?2))
          """, arguments: [lane.rawValue, count, moment.milliseconds])
      return try Bool.fetchOne(
        db, sql: "SELECT EXISTS (SELECT 1 FROM attempts WHERE lane_id = ?)", arguments: [lane.rawValue]) ?? false
    }
  }
}

extension Database {
  func insert(_ attempt: AttemptRecord, of lane: LaneID) throws {
    let insert = try cachedStatement(
      sql: """
        INSERT INTO attempts (lane_id, first_seq, last_seq, members, event_count, attempt, at, outcome, status,
          duration_ms, error, answer, is_answer_cut, replay_id)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """)
    let members = attempt.members.isEmpty ? nil : Data(SequenceList.encode(attempt.members))
    try insert.execute(arguments: [
      lane.rawValue, attempt.first.rawValue, attempt.last.rawValue, members, attempt.eventCount, attempt.attempt,
      attempt.at.milliseconds, attempt.outcome.rawValue, attempt.status, attempt.duration.milliseconds, attempt.error,
      attempt.answer.map { Data($0.body) }, attempt.answer?.isCut ?? false, attempt.replay?.description,
    ])
  }
}

extension AttemptRecord {
  static let columns = """
    at, first_seq, last_seq, members, event_count, attempt, outcome, status, duration_ms, error, answer, is_answer_cut,
    replay_id
    """

  init(_ row: Row) throws {
    let outcomeText: String = row[6]
    let members = (row[3] as Data?).map { SequenceList.decode(Array($0)) } ?? []
    guard let outcome = AttemptOutcome(rawValue: outcomeText), let members else {
      throw StorageFailure.corrupt("the journal has an attempt that cannot be read")
    }
    let answer = (row[10] as Data?).map { AttemptResult.Answer(body: Array($0), isCut: row[11]) }
    self.init(
      at: Timestamp(milliseconds: row[0]), first: SequenceNumber(rawValue: row[1]),
      last: SequenceNumber(rawValue: row[2]), members: members, eventCount: row[4], attempt: row[5], outcome: outcome,
      status: row[7], duration: .milliseconds(row[8] as Int64), error: row[9], answer: answer,
      replay: (row[12] as String?).flatMap { ReplayID($0) })
  }
}
