import Dispatch
import Foundation
import GRDB
import GRDBSQLite
package import GatewayCore

extension SQLiteJournal {
  /// Copies page by page on the writing connection, in turn with the group commits: what is committed meanwhile goes into
  /// the copy too, no reader keeps the write-ahead log from starting over, and no commit waits for more than a few pages.
  package func backUp(to path: String) async throws(JournalError) -> JournalCopy {
    // A name that nobody has given to anything else.
    let unfinished = path + ".unfinished-" + String(UInt32.random(in: 1...(.max)), radix: 36)
    try requireName(path)
    try await requireRoom(for: path)
    let copy = try BackupFile(path: unfinished)
    do throws(JournalError) {
      try await fill(copy)
      let result = try await copy.verified()
      try BackupFile.publish(unfinished, as: path)
      return result
    } catch {
      copy.discard()
      throw error
    }
  }

  /// Copied in one turn of the writer.
  private static let pagesAtOnce: Int32 = 64

  private func fill(_ copy: BackupFile) async throws(JournalError) {
    try await database.withWriter { db in try copy.begin(from: db) }
    var isDone = false
    do throws(JournalError) {
      while !isDone { isDone = try await database.withWriter { _ in try copy.step(pages: Self.pagesAtOnce) } }
    } catch {
      // Whatever else fails, the source must not go on copying into a file that is gone.
      try? await database.withWriter { _ in try copy.end() }
      throw error
    }
    try await database.withWriter { _ in try copy.end() }
  }

  /// What is named like a file of SQLite's beside the journal would be taken for that.
  private func requireName(_ path: String) throws(JournalError) {
    guard !file.isOwn(path) else {
      throw .refused("\(path) is one of the journal's own files, or would be taken for one; give another name")
    }
    // Who opens the copy would take them for its own.
    for suffix in ["-wal", "-shm", "-journal"] where access(path + suffix, F_OK) == 0 {
      throw .refused("\(path + suffix) is there already and would be taken for a part of the copy; remove it first")
    }
  }

  /// Filling up the volume that the journal is on would cost more than having no copy.
  private func requireRoom(for path: String) async throws(JournalError) {
    let folder = URL(filePath: path).deletingLastPathComponent().path
    guard let volume = Volume(holding: folder) else {
      throw .refused(
        "the folder \(folder) is not there on the gateway's machine, or may not be used; make it first")
    }
    let needed = try await space().used
    guard volume.free - volume.size / 10 > needed else {
      throw .unavailable(
        "a copy of the journal takes up to \(needed) bytes, and \(folder) has \(volume.free) free, a tenth of the volume "
          + "included that is to stay free; choose another folder")
    }
  }
}

/// The copy that a backup writes: a new file, deleted again unless it becomes whole.
///
/// Between `begin` and `end` it belongs to the journal's writing connection.
// SAFETY: it is used by one piece of work at a time: those of `backUp`, which follow each other.
private final class BackupFile: @unchecked Sendable {
  private let path: String
  private var destination: OpaquePointer?
  private var backup: OpaquePointer?

  /// Makes the file, readable for its owner alone.
  init(path: String) throws(JournalError) {
    self.path = path
    let descriptor = open(path, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else {
      throw .unavailable("the file \(path) cannot be made on the gateway's machine: \(systemMessage(errno))")
    }
    close(descriptor)
  }

  deinit { sqlite3_close(destination) }

  func begin(from db: Database) throws {
    guard sqlite3_open_v2(path, &destination, SQLITE_OPEN_READWRITE, nil) == SQLITE_OK else { throw failure() }
    backup = sqlite3_backup_init(destination, "main", db.sqliteConnection, "main")
    guard backup != nil else { throw failure() }
  }

  /// Returns whether that was the last of it.
  func step(pages: Int32) throws -> Bool {
    switch sqlite3_backup_step(backup, pages) {
    case SQLITE_DONE: return true
    case SQLITE_OK, SQLITE_BUSY, SQLITE_LOCKED: return false
    default: throw failure()
    }
  }

  func end() throws {
    let code = sqlite3_backup_finish(backup)
    backup = nil
    guard code == SQLITE_OK else { throw failure() }
  }

  /// Reads all of it back, off the writer.
  func verified() async throws(JournalError) -> JournalCopy {
    let result: Result<JournalCopy, JournalError> = await withCheckedContinuation { answer in
      DispatchQueue.global().async { answer.resume(returning: self.verify()) }
    }
    return try result.get()
  }

  private func verify() -> Result<JournalCopy, JournalError> {
    sqlite3_close(destination)
    destination = nil
    do {
      let queue = try DatabaseQueue(path: path)
      let copy = try queue.inDatabase { db in
        // One file, with nothing beside it.
        try db.execute(sql: "PRAGMA journal_mode = DELETE")
        let verdict = try String.fetchOne(db, sql: "PRAGMA integrity_check(1)") ?? "no verdict"
        guard verdict == "ok" else { throw StorageFailure.corrupt("the copy is not whole: \(verdict)") }
        let end = try Int64.fetchOne(db, sql: "SELECT MAX(first_seq + event_count) FROM batches")
        let totals = try RunningTotals.newest(atOrBelow: SequenceNumber(rawValue: .max), db)
        let events = try Int.fetchOne(db, sql: "SELECT TOTAL(event_count) FROM batches") ?? 0
        return (head: end.map(SequenceNumber.init(rawValue:)) ?? totals.position, events: events)
      }
      try queue.close()
      try Self.sync(path)
      let size = try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int
      return .success(JournalCopy(bytes: size ?? 0, head: copy.head, events: copy.events))
    } catch {
      return .failure(.unavailable("the copy could not be verified: \(StorageFailure(error).journalError)"))
    }
  }

  /// Gives the finished copy its name, unless that has been taken since.
  static func publish(_ unfinished: String, as path: String) throws(JournalError) {
    guard link(unfinished, path) == 0 else {
      let sentence = "the copy cannot be named \(path): \(systemMessage(errno))"
      throw errno == EEXIST ? .refused(sentence) : .unavailable(sentence)
    }
    unlink(unfinished)
    try sync(URL(filePath: path).deletingLastPathComponent().path)
  }

  private static func sync(_ path: String) throws(JournalError) {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    defer { close(descriptor) }
    guard descriptor >= 0, fsync(descriptor) == 0 else {
      throw .unavailable("the copy cannot be synced: \(systemMessage(errno))")
    }
  }

  func discard() { for suffix in ["", "-wal", "-shm", "-journal"] { unlink(path + suffix) } }

  private func failure() -> StorageFailure {
    let text = destination.map { String(cString: sqlite3_errmsg($0)) } ?? "it cannot be opened"
    return .other("the copy \(path) cannot be written: \(text)")
  }
}
