import Foundation
import GRDB
import GatewayCore

/// Writes the batches of one transaction, with a statement that is prepared once.
struct BatchWriter {
  private let insert: Statement

  init(_ db: Database) throws { insert = try db.cachedStatement(sql: Self.insertBatch) }

  func write(_ batch: NewBatch, checksum: Int64, at first: SequenceNumber) throws {
    try insert.execute(arguments: [
      first.rawValue, batch.eventCount, Data(batch.id.bytes), batch.kind.app.rawValue, batch.kind.type.rawValue,
      batch.kind.command, batch.receivedAt.milliseconds, batch.derivation.rawValue,
      batch.duplicateKey.map { Data($0.bytes) }, batch.duplicateKey?.lifetime.expiry?.milliseconds, checksum,
      Data(batch.payload),
    ])
  }

  /// One of another journal, as it was there.
  func write(_ batch: TransferredBatch) throws {
    try insert.execute(arguments: [
      batch.first.rawValue, batch.eventCount, Data(batch.id), batch.kind.app.rawValue, batch.kind.type.rawValue,
      batch.kind.command, batch.receivedAt.milliseconds, batch.derivation.rawValue,
      batch.duplicateKey.map { Data($0.bytes) }, batch.duplicateKey?.lifetime.expiry?.milliseconds, batch.checksum,
      Data(batch.payload),
    ])
  }

  private static let insertBatch = """
    INSERT INTO batches (first_seq, event_count, batch_id, app, type, command, received_at, derivation, duplicate_key,
      key_expires_at, checksum, payload)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
    """
}
