import Foundation
import GRDB
package import GatewayCore

extension SQLiteJournal {
  /// There is no index over ids, which are random: each append would change a page of its own. An id that was derived
  /// is found by the key that it was derived from, one with a time in it by that time.
  package func batch(_ id: BatchID) async throws(JournalError) -> StoredBatch? {
    for place in try await places(of: id) {
      let page = try await read(from: place, limit: ReadLimit(batches: 1, bytes: 1), wanted: { _ in true })
      if let found = (page.batches + page.damaged).first, found.id == id { return found }
    }
    return nil
  }

  /// How many batches behind its moment an id is looked for: callbacks that come together are written a little out of
  /// order.
  private static let reach = 4096

  private func places(of id: BatchID) async throws(JournalError) -> [SequenceNumber] {
    guard let moment = id.moment else {
      return try await database.withWriter { [keys] db in try keys.holders(of: id, db) }
    }
    return try await places(of: id, receivedAt: moment)
  }

  private func places(of id: BatchID, receivedAt moment: Timestamp) async throws(JournalError) -> [SequenceNumber] {
    let start = try await position(receivedAtOrAfter: moment)
    return try await database.read { db in
      let select = try db.cachedStatement(
        sql: """
          SELECT first_seq FROM (
            SELECT first_seq, batch_id FROM batches WHERE first_seq >= ? ORDER BY first_seq LIMIT ?)
          WHERE batch_id = ?
          """)
      return try Int64.fetchAll(select, arguments: [start.rawValue, Self.reach, Data(id.bytes)])
        .map(SequenceNumber.init(rawValue:))
    }
  }

  package func exceptions(of lane: LaneID, standingFor event: SequenceNumber)
    async throws(JournalError) -> [DeliveryException]
  {
    try await database.read { db in
      // One event by its key; ranges and lists by the indexes that are over them alone.
      let select = try db.cachedStatement(
        sql: """
          \(DeliveryException.select) WHERE lane_id = ?1 AND first_seq = ?2
          UNION ALL
          \(DeliveryException.select)
          WHERE state <> 'expired' AND last_seq > first_seq AND first_seq < ?2 AND last_seq >= ?2 AND lane_id = ?1
          UNION ALL
          \(DeliveryException.select)
          WHERE lane_id = ?1 AND state IN ('dead', 'expired') AND state = 'expired' AND first_seq < ?2 AND last_seq >= ?2
          ORDER BY first_seq
          """)
      return try Row.fetchAll(select, arguments: [lane.rawValue, event.rawValue]).map(DeliveryException.init)
        .filter { $0.members.isEmpty || $0.members.contains(event) }
    }
  }

  package func discardDeadLetters(of lane: LaneID, at firsts: [SequenceNumber])
    async throws(JournalError) -> [DeliveryException]
  {
    try await database.write { [frontier] db in
      let select = try db.cachedStatement(
        sql: "\(DeliveryException.select) WHERE lane_id = ? AND first_seq = ? AND state IN ('dead', 'expired')")
      let delete = try db.cachedStatement(sql: "DELETE FROM exceptions WHERE lane_id = ? AND first_seq = ?")
      var discarded: [DeliveryException] = []
      for first in firsts {
        guard let row = try Row.fetchOne(select, arguments: [lane.rawValue, first.rawValue]) else { continue }
        discarded.append(try DeliveryException(row))
        try delete.execute(arguments: [lane.rawValue, first.rawValue])
      }
      frontier.lower(to: discarded.map(\.first).min())
      return discarded
    }
  }
}

extension BatchID {
  /// The time in a UUIDv7; nil for an id that was derived.
  fileprivate var moment: Timestamp? {
    (high >> 12) & 0xF == 7 ? Timestamp(milliseconds: Int64(high >> 16)) : nil
  }
}

extension DuplicateKeys {
  /// Where batches start whose ids may be this one. An id that was derived lacks six bits of the key that it was derived
  /// from.
  func holders(of id: BatchID, _ db: Database) throws -> [SequenceNumber] {
    let candidates = Self.keys(of: id)
    let recent = recentHolders(of: candidates)
    let table = try Int64.fetchAll(
      db,
      sql: """
        SELECT first_seq FROM dedup JOIN batches USING (first_seq)
        WHERE key IN (\(databaseQuestionMarks(count: candidates.count)))
        """, arguments: StatementArguments(candidates.map { Data($0) }))
    return recent + table.map(SequenceNumber.init(rawValue:))
  }

  private static func keys(of id: BatchID) -> [[UInt8]] {
    (0..<16).flatMap { version in
      (0..<4).map { variant in
        var key = id.bytes
        key[6] = key[6] & 0x0F | UInt8(version) << 4
        key[8] = key[8] & 0x3F | UInt8(variant) << 6
        return key
      }
    }
  }
}
