import Foundation
import GRDB
import GatewayCore
import Testing

@testable import SQLiteJournal

@Suite("A journal that the version before has worked with again")
struct RollingBackTests {
  /// The statements by which the program of schema 2 changes a journal, as that version had them.
  private enum Schema2 {
    static let openLane = """
      INSERT INTO lanes (subscriber, next_seq) VALUES (?, ?)
      ON CONFLICT (subscriber) DO UPDATE SET forget_at = NULL
      """
    static let lanes = """
      SELECT lane_id, subscriber, next_seq, held_ms, held_since, forget_at, hold_until, gone_url FROM lanes
      ORDER BY lane_id
      """
    static let retire = "UPDATE lanes SET forget_at = ? WHERE lane_id = ?"
    static let moveLane = """
      UPDATE lanes SET next_seq = COALESCE(?2, next_seq),
        held_ms = IIF(?3, ?4, held_ms), held_since = IIF(?3, ?5, held_since),
        hold_until = IIF(?6, ?7, hold_until), gone_url = IIF(?6, ?8, gone_url)
      WHERE lane_id = ?1
      """
    static let writeException = """
      INSERT INTO exceptions (lane_id, first_seq, last_seq, event_count, state, accepted_at, attempts, due_at,
        first_attempt_at, ended_at, last_error, form, members, keys)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
      ON CONFLICT (lane_id, first_seq) DO UPDATE SET
        last_seq = excluded.last_seq, event_count = excluded.event_count, state = excluded.state,
        accepted_at = excluded.accepted_at, attempts = excluded.attempts, due_at = excluded.due_at,
        first_attempt_at = excluded.first_attempt_at, ended_at = excluded.ended_at, last_error = excluded.last_error,
        form = excluded.form, members = excluded.members, keys = excluded.keys
      """
    static let append = """
      INSERT INTO batches (first_seq, event_count, batch_id, app, type, command, received_at, derivation, duplicate_key,
        key_expires_at, checksum, payload) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
      """
  }

  @Test("says that the version before may open it")
  func mark() async throws {
    let place = try TemporaryJournal()
    await (try await place.open()).close()
    let queue = try DatabaseQueue(path: place.path)
    let marks = try await queue.read { db in
      try Row.fetchOne(db, sql: "SELECT schema, oldest_compatible FROM meta").map { [$0[0] as Int, $0[1]] }
    }
    #expect(marks == [3, 2])
  }

  @Test("goes on where it was, with its pauses, replays and attempts")
  func goesOn() async throws {
    let place = try TemporaryJournal()
    let journal = try await place.open()
    _ = try await journal.append(.sample(events: 5), deadline: .soon)
    let lane = try await journal.openLane(for: "a", startingAt: .first)
    let number = SequenceNumber(rawValue: 2)
    let dead = DeliveryException(
      first: number, last: number, state: .dead, acceptedAt: .start, attempts: 1, dueAt: .start, firstAttemptAt: .start,
      endedAt: .start, lastError: "no", replay: .random())
    let attempt = AttemptRecord(
      at: .start, first: number, last: number, attempt: 1, outcome: .http4xx, duration: .zero)
    try await journal.settle(
      Settlement(
        lane: lane.id, cursor: SequenceNumber(rawValue: 4), hold: LaneHold(pausedAt: .start), written: [dead],
        attempts: [attempt]))
    let replay = Replay(
      id: .random(), subscriber: "a", start: .first, end: SequenceNumber(rawValue: 4), from: .start, to: .start,
      createdAt: .start, totalEvents: 3, isExact: true)
    let replayed = try #require(try await journal.openReplay(replay, insteadOf: nil))
    await journal.close()

    try await workAsSchema2(place, lane: lane.id, replay: replayed.id)

    let again = try await place.open()
    #expect(again.head.next == SequenceNumber(rawValue: 8))
    #expect(try await again.replays() == [replay])
    let records = try await again.lanes()
    #expect(records.map(\.subscriber) == ["a", "a", "b"])
    #expect(records[0].hold == LaneHold(pausedAt: .start))
    #expect(records[0].cursor == SequenceNumber(rawValue: 6))
    #expect(records[1].replay == replay.id)
    #expect(records[2].start == nil)
    #expect(try await again.attempts(of: lane.id, at: number) == [attempt])
    #expect(try await again.deadLetters(of: lane.id, from: .first, limit: 9).map(\.lastError) == ["still no"])
    await again.close()
  }

  /// What a gateway of the version before does with the file for a while.
  private func workAsSchema2(_ place: TemporaryJournal, lane: LaneID, replay: LaneID) async throws {
    let queue = try DatabaseQueue(path: place.path)
    try await queue.write { db in
      for name in ["a", "b"] { try db.execute(sql: Schema2.openLane, arguments: [name, 1]) }
      let names = try Row.fetchAll(db, sql: Schema2.lanes).map { $0[1] as String }
      #expect(names.count == 3)
      // It takes the lane of the replay for one whose subscriber is gone.
      try db.execute(sql: Schema2.retire, arguments: [1, replay.rawValue])
      try db.execute(sql: Schema2.moveLane, arguments: [lane.rawValue, 6, false, nil, nil, true, nil, nil])
      try db.execute(
        sql: Schema2.writeException,
        arguments: [lane.rawValue, 2, 2, 1, "dead", 1, 2, 1, 1, 1, "still no", "event", nil, nil])
      try db.execute(
        sql: Schema2.append,
        arguments: [
          6, 2, Data(repeating: 1, count: 16), 1_400_000_000, "friend.added", "Sns.CallbackFriendAdd", 1, "1 PairList",
          nil, nil, 0, Data([1]),
        ])
    }
    try queue.close()
  }
}
