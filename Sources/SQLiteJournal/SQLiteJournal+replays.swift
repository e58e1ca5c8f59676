import Foundation
import GRDB
package import GatewayCore

extension SQLiteJournal {
  package func openReplay(_ replay: Replay, insteadOf expired: (lane: LaneID, first: SequenceNumber)?)
    async throws(JournalError) -> LaneRecord?
  {
    try await database.write { db in
      if let expired {
        try db.execute(
          sql: "DELETE FROM exceptions WHERE lane_id = ? AND first_seq = ? AND state = 'expired'",
          arguments: [expired.lane.rawValue, expired.first.rawValue])
        guard db.changesCount == 1 else { return nil }
      }
      let name = LaneRecord.name(of: replay.id)
      try db.execute(
        sql: "INSERT INTO lanes (subscriber, next_seq, created_seq) VALUES (?1, ?2, ?2)",
        arguments: [name, replay.start.rawValue])
      try db.insert(replay, lane: LaneID(rawValue: db.lastInsertedRowID))
      return try LaneRecord.fetch(name, db)
    }
  }

  package func replays() async throws(JournalError) -> [Replay] {
    try await database.read { db in
      try Row.fetchAll(
        db,
        sql: "\(Replay.select) ORDER BY created_at DESC, lane_id DESC"
      ).map(Replay.init)
    }
  }

  package func setState(
    _ state: Replay.State, of replay: ReplayID, endedAt moment: Timestamp?, forgetAt: Timestamp?
  ) async throws(JournalError) {
    try await database.write { [frontier] db in
      try db.execute(
        sql: "UPDATE replays SET state = ?, ended_at = ? WHERE id = ?",
        arguments: [state.rawValue, moment?.milliseconds, replay.description])
      guard let lane = try LaneRecord.laneID(of: replay, db) else { return }
      try db.execute(
        sql: "UPDATE lanes SET forget_at = ? WHERE lane_id = ?", arguments: [forgetAt?.milliseconds, lane])
      guard state == .cancelled else { return }
      try db.execute(
        sql: """
          UPDATE replays SET end_seq = MIN(end_seq, (SELECT next_seq FROM lanes WHERE lanes.lane_id = replays.lane_id))
          WHERE lane_id = ?
          """, arguments: [lane])
      let freed = try Int64.fetchAll(
        db, sql: "DELETE FROM exceptions WHERE lane_id = ? AND state IN ('retrying', 'parked') RETURNING first_seq",
        arguments: [lane])
      frontier.lower(to: freed.min().map(SequenceNumber.init(rawValue:)))
    }
  }
}

extension LaneRecord {
  fileprivate static func laneID(of replay: ReplayID, _ db: Database) throws -> Int64? {
    try Int64.fetchOne(db, sql: "SELECT lane_id FROM replays WHERE id = ?", arguments: [replay.description])
  }
}

extension Database {
  func insert(_ replay: Replay, lane: LaneID) throws {
    try execute(
      sql: """
        INSERT INTO replays (id, lane_id, subscriber, start_seq, end_seq, from_at, to_at, events, rate_count,
          rate_period_ms, state, created_at, ended_at, total_events, is_exact)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """,
      arguments: [
        replay.id.description, lane.rawValue, replay.subscriber, replay.start.rawValue, replay.end.rawValue,
        replay.from.milliseconds, replay.to.milliseconds, replay.events.map(\.text).joined(separator: "\n"),
        replay.rateLimit?.count, replay.rateLimit?.period.milliseconds, replay.state.rawValue,
        replay.createdAt.milliseconds, replay.endedAt?.milliseconds, replay.totalEvents, replay.isExact,
      ])
  }
}

extension Replay {
  static let select = """
    SELECT id, subscriber, start_seq, end_seq, from_at, to_at, events, rate_count, rate_period_ms, state, created_at,
      ended_at, total_events, is_exact
    FROM replays
    """

  init(_ row: Row) throws {
    let (idText, stateText, patterns): (String, String, String) = (row[0], row[9], row[6])
    guard let id = ReplayID(idText), let state = State(rawValue: stateText) else {
      throw StorageFailure.corrupt("the journal has a replay that cannot be read: \(idText), \(stateText)")
    }
    let rate: (count: Int?, period: Int64?) = (row[7], row[8])
    var limit: RateLimit?
    if let count = rate.count, let period = rate.period {
      limit = RateLimit(count: count, period: .milliseconds(period))
    }
    self.init(
      id: id, subscriber: row[1], start: SequenceNumber(rawValue: row[2]), end: SequenceNumber(rawValue: row[3]),
      from: Timestamp(milliseconds: row[4]), to: Timestamp(milliseconds: row[5]),
      events: patterns.split(separator: "\n").compactMap { EventPattern(String($0)) }, rateLimit: limit, state: state,
      createdAt: Timestamp(milliseconds: row[10]), endedAt: (row[11] as Int64?).map(Timestamp.init(milliseconds:)),
      totalEvents: row[12], isExact: row[13])
  }
}
