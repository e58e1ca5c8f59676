import CSQLite
import Foundation

/// What has come and is to be worked on: a table whose primary key is the event's id, so that a repeat changes nothing.
final class Inbox {
  struct Failure: Error {
    var message: String
  }

  private let database: OpaquePointer

  init(path: String) throws {
    var opened: OpaquePointer?
    let status = sqlite3_open(path, &opened)
    guard status == SQLITE_OK, let opened else { throw Failure(message: "cannot open \(path): \(status)") }
    database = opened
    sqlite3_busy_timeout(database, 5000)
    try run("PRAGMA journal_mode = WAL")
    try run("PRAGMA synchronous = FULL")
    try run(
      """
      CREATE TABLE IF NOT EXISTS inbox
        (id TEXT NOT NULL UNIQUE, event TEXT NOT NULL, done INTEGER NOT NULL DEFAULT 0)
      """)
  }

  deinit {
    sqlite3_close(database)
  }

  /// Puts all of them in or none. Those whose id is known stay as they are.
  func put(_ events: [(id: String, event: String)]) throws {
    try run("BEGIN IMMEDIATE")
    do {
      for (id, event) in events {
        try run("INSERT INTO inbox (id, event) VALUES (?, ?) ON CONFLICT (id) DO NOTHING", [id, event])
      }
      try run("COMMIT")
    } catch {
      try? run("ROLLBACK")
      throw error
    }
  }

  /// Hands the waiting events to `work`, oldest first. One for which it throws waits on, and stops the rest.
  func workOff(_ work: (String) throws -> Void) throws {
    while let (id, event) = try oldest() {
      try work(event)
      try run("UPDATE inbox SET done = 1 WHERE id = ?", [id])
    }
  }

  private func oldest() throws -> (id: String, event: String)? {
    var found: (String, String)?
    try run("SELECT id, event FROM inbox WHERE done = 0 ORDER BY rowid LIMIT 1") { row in
      found = (String(cString: sqlite3_column_text(row, 0)), String(cString: sqlite3_column_text(row, 1)))
    }
    return found
  }

  private func run(_ sql: String, _ values: [String] = [], row: (OpaquePointer) -> Void = { _ in }) throws {
    var prepared: OpaquePointer?
    guard sqlite3_prepare_v2(database, sql, -1, &prepared, nil) == SQLITE_OK, let statement = prepared
    else { throw failure() }
    defer { sqlite3_finalize(statement) }
    for (index, value) in values.enumerated() {
      // SQLite keeps the copy until the statement is finished, and frees it.
      guard sqlite3_bind_text(statement, Int32(index + 1), strdup(value), -1, free) == SQLITE_OK
      else { throw failure() }
    }
    while true {
      switch sqlite3_step(statement) {
      case SQLITE_ROW: row(statement)
      case SQLITE_DONE: return
      default: throw failure()
      }
    }
  }

  private func failure() -> Failure {
    Failure(message: String(cString: sqlite3_errmsg(database)))
  }
}
