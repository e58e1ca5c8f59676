import GRDB
package import GatewayCore

extension SQLiteJournal {
  /// The write-ahead log is not counted as used: it is bounded, starts over again and again, and grows when trimming
  /// frees pages, so that counting it would have trimming chase its own tail. The reserve is not free.
  package func space() async throws(JournalError) -> JournalSpace {
    let pages = try await database.read { db in try PageCounts(db) }
    let volume = try file.volume()
    return JournalSpace(
      used: (pages.all - pages.free) * pages.size,
      free: max(0, volume.free - reserve.bytes) + pages.free * pages.size, volume: volume.size)
  }
}

extension SQLiteJournal {
  /// Takes and frees as much room as a callback of some size needs, since a full disk may well have room for less. Like
  /// a callback it waits a moment for room to be made.
  package func checkWritable() async throws(JournalError) {
    let deadline = ContinuousClock.now + Self.longestProbe
    while true {
      do throws(JournalError) {
        return try await probe()
      } catch {
        guard error == .full, ContinuousClock.now < deadline else { throw error }
        try? await Task.sleep(for: Self.probePause)
      }
    }
  }

  private func probe() async throws(JournalError) {
    try await database.write { [reserve] db in
      guard try reserve.room(db).single >= Self.probeBytes else { throw StorageFailure.full }
      try db.execute(sql: "INSERT INTO probe (content) VALUES (zeroblob(?))", arguments: [Self.probeBytes])
      try db.execute(sql: "DELETE FROM probe")
    }
  }

  private static let probeBytes = 16 << 10
  private static let longestProbe = Duration.milliseconds(500)
  private static let probePause = Duration.milliseconds(50)
}
