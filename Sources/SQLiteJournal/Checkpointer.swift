import GRDB
import GRDBSQLite
import GatewayCore
import Synchronization

/// Folds the write-ahead log into the file: on the writing connection alone, when nothing waits or when the log has
/// grown by some MiB.
///
/// SQLite's own checkpoints run inside a commit and make it slow; and SQLite before 3.51.3 can damage a file when one
/// connection checkpoints while another commits.
final class Checkpointer: Sendable {
  /// Pages (of 4 KiB) written since the last checkpoint that make it due in an idle moment, and at any time.
  private static let idlePages = 256
  private static let busyPages = 1024
  private static let pageBytes = 4096
  /// Pages in the log from which it is worth waiting a moment for readers to leave it, so that it can start over.
  private static let longLogPages = 16_384
  private static let longLogWait: Duration = .milliseconds(50)
  /// The log file is cut to this when it starts over. What is left is room that a full disk cannot take away.
  static let keptLogBytes = 16 << 20

  private let writtenPages = Atomic<Int>(0)
  private let busyPages: Int

  /// On a small volume the log is kept so short that the reserve has room for what it holds.
  init(reserve: DiskReserve) { busyPages = min(Self.busyPages, reserve.bytes / 2 / Self.pageBytes) }

  /// To be called on the writing connection after each of its transactions.
  func afterTransaction(_ db: Database, isIdle: Bool) throws {
    let written = writtenPages.add(Self.takePagesWritten(by: db), ordering: .relaxed).newValue
    guard written >= (isIdle ? min(Self.idlePages, busyPages) : busyPages) else { return }
    try checkpoint(db)
  }

  func checkpoint(_ db: Database) throws {
    writtenPages.store(0, ordering: .relaxed)
    let log = try db.checkpoint(.passive)
    if log.walFrameCount >= Self.longLogPages { try startOver(db) }
  }

  /// Readers that come one after another can keep the log from ever starting over, so that it only grows.
  private func startOver(_ db: Database) throws {
    sqlite3_busy_timeout(db.sqliteConnection, Int32(Self.longLogWait.milliseconds))
    defer { sqlite3_busy_timeout(db.sqliteConnection, Int32(JournalDatabase.busyTimeout.milliseconds)) }
    do {
      try db.checkpoint(.restart)
    } catch let error as DatabaseError where error.resultCode == .SQLITE_BUSY {
      // A reader was too slow: next time.
    }
  }

  /// Pages the connection has written since this was last asked.
  private static func takePagesWritten(by db: Database) -> Int {
    var current: Int32 = 0
    var highest: Int32 = 0
    let reset: Int32 = 1
    sqlite3_db_status(db.sqliteConnection, SQLITE_DBSTATUS_CACHE_WRITE, &current, &highest, reset)
    return Int(current)
  }
}
