import GRDB
import GatewayCore

/// The journal's tables, and how a file of an older version becomes one of this.
///
/// A file says which schema it has and which is the oldest that may still work with it, so that a newer gateway can be
/// taken back as long as the newer schema allows.
enum Schema {
  /// What this version writes.
  static let current = 3
  /// The oldest schema whose program may open a file that this version has written.
  static let oldestCompatible = 2
  /// "SwYd", in the file's header: tells a journal from anybody else's database.
  static let applicationID = 0x5377_5964

  /// The same while another journal is copied into it: nobody takes it for a journal then.
  static let unfinishedID = 0x5377_5975

  /// What a file turns out to hold.
  enum Content: Equatable {
    case nothing
    case journal(schema: Int, oldestCompatible: Int)
    case foreign
  }

  static func content(_ db: Database) throws -> Content {
    let id = try Int.fetchOne(db, sql: "PRAGMA application_id") ?? 0
    guard id == applicationID else {
      let objects = try Int.fetchOne(db, sql: "SELECT COUNT(*) FROM sqlite_master") ?? 0
      return objects == 0 && id == 0 ? .nothing : .foreign
    }
    guard let row = try Row.fetchOne(db, sql: "SELECT schema, oldest_compatible FROM meta") else { return .foreign }
    return .journal(schema: row[0], oldestCompatible: row[1])
  }

  /// Refuses what this version must not touch.
  static func check(_ content: Content, path: String) throws(JournalError) {
    switch content {
    case .nothing: return
    case .foreign: throw foreignFile(path)
    case .journal(let schema, let oldest) where oldest > current:
      throw .unavailable(
        "the journal \(path) was written by a newer version (schema \(schema), usable from schema \(oldest) on; "
          + "this version has schema \(current)); run that version, or use another file")
    case .journal: return
    }
  }

  static func foreignFile(_ path: String) -> JournalError {
    .unavailable("\(path) is a database of another program, not a journal; use another file")
  }

  /// Brings the file to the current schema, a transaction a step. A newer file that may be used stays as it is.
  static func migrate(_ db: Database) throws {
    let from: Int
    switch try content(db) {
    case .nothing, .foreign: from = 0
    case .journal(let schema, _): from = schema
    }
    for (index, sql) in migrations.enumerated().dropFirst(from) {
      try db.inTransaction(.immediate) {
        try db.execute(sql: sql)
        try db.execute(
          sql: "UPDATE meta SET schema = ?, oldest_compatible = ?", arguments: [index + 1, oldestCompatible])
        return .commit
      }
    }
  }

  /// Migration n, from 0, leads to schema n + 1. What stands here has been released and is never edited.
  private static let migrations = [firstSchema, deliverySchema, operatingSchema]
}
