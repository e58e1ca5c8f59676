import GRDB
package import GatewayCore

extension SQLiteJournal {
  /// The write-ahead log is not counted as used: it is bounded, starts over again and again, and grows when trimming
  /// frees pages, so that counting it would have trimming chase its own tail.
  package func space() async throws(JournalError) -> JournalSpace {
    let pages = try await database.read { db in try PageCounts(db) }
    let volume = try file.volume()
    return JournalSpace(
      used: (pages.all - pages.free) * pages.size, free: volume.free + pages.free * pages.size, volume: volume.size)
  }
}

extension SQLiteJournal {
  /// Takes and frees as much room as a callback of some size needs, since a full disk may well have room for less.
  package func checkWritable() async throws(JournalError) {
    try await database.write { db in
      try db.execute(sql: "INSERT INTO probe (content) VALUES (zeroblob(?))", arguments: [Self.probeBytes])
      try db.execute(sql: "DELETE FROM probe")
    }
  }

  private static let probeBytes = 16 << 10
}

/// Pages of the file, as one read transaction sees them.
private struct PageCounts {
  var all: Int
  var free: Int
  var size: Int

  init(_ db: Database) throws {
    all = try Int.fetchOne(db, sql: "PRAGMA page_count") ?? 0
    free = try Int.fetchOne(db, sql: "PRAGMA freelist_count") ?? 0
    size = try Int.fetchOne(db, sql: "PRAGMA page_size") ?? 0
  }
}
