import Foundation
import GRDB
package import GatewayCore

extension SQLiteJournal {
  /// Batches that one read transaction covers at most.
  private static let pageBatches = 256

  package func read(from start: SequenceNumber, limit: ReadLimit, wanted: @escaping @Sendable (EventKind) -> Bool)
    async throws(JournalError) -> JournalPage
  {
    guard !database.isClosed else { throw .closed }
    let limit = ReadLimit(batches: max(1, min(limit.batches, Self.pageBatches)), bytes: limit.bytes)
    // Taken first: all below it is committed, and so is in the recent batches or in the file.
    let next = head.next
    guard start < next else { return JournalPage(batches: [], damaged: [], through: start) }
    if let entries = recent.batches(from: start, limit: limit.batches) {
      return PageBuilder.page(of: entries, from: start, below: next, limit: limit, wanted: wanted)
    }
    return try await database.read { [checksum] db in
      try Self.page(db, from: start, below: next, limit: limit, checksum: checksum, wanted: wanted)
    }
  }

  private static func page(
    _ db: Database, from start: SequenceNumber, below next: SequenceNumber, limit: ReadLimit,
    checksum: PayloadChecksum, wanted: (EventKind) -> Bool
  ) throws -> JournalPage {
    var builder = PageBuilder(from: start, limit: limit)
    let rows = try Row.fetchCursor(
      db.cachedStatement(sql: selectBatches), arguments: [start.rawValue, next.rawValue])
    while builder.hasRoom {
      guard let row = try rows.next() else {
        builder.finish(at: next)
        break
      }
      var (batch, isWhole) = try StoredBatch.header(row)
      guard wanted(batch.kind) else {
        builder.pass(to: batch.end)
        continue
      }
      // Read only now: a large payload lies on pages of its own.
      batch.payload = try row.withUnsafeData(atIndex: payloadColumn) { $0.map(Array.init) ?? [] }
      if !isWhole || checksum(batch.payload) != row[checksumColumn] {
        batch.payload = []
        builder.addDamaged(batch)
      } else if !builder.add(batch) {
        break
      }
    }
    return builder.page
  }

  private static let checksumColumn = 8
  private static let payloadColumn = 9
  private static let selectBatches = """
    SELECT first_seq, event_count, batch_id, app, type, command, received_at, derivation, checksum, payload
    FROM batches
    WHERE first_seq >= \(BatchHeader.holding) AND first_seq < ?2 AND first_seq + event_count > ?1
    ORDER BY first_seq
    """
}

extension StoredBatch {
  /// All but the payload, from a row of batches; not whole if its id is not one, which the checksum does not cover.
  fileprivate static func header(_ row: Row) throws -> (batch: StoredBatch, isWhole: Bool) {
    let id = try row.withUnsafeData(atIndex: 2) { data in data.flatMap { BatchID(bytes: $0) } }
    let batch = StoredBatch(
      first: SequenceNumber(rawValue: row[0]), eventCount: row[1], id: id ?? BatchID(high: 0, low: 0),
      kind: EventKind(row, from: 3), receivedAt: Timestamp(milliseconds: row[6]),
      derivation: Derivation(rawValue: row[7]), payload: [])
    return (batch, id != nil)
  }
}
