import GRDB
import GatewayCore

/// What an error of SQLite means for the journal.
enum StorageFailure: Error, Hashable {
  /// No room on disk: nothing was written, and the file is sound.
  case full
  /// The disk did not confirm a write. What it holds now only a restart can tell: going on could lose what was
  /// answered OK, and trying again may succeed without the data being there.
  case syncFailed(String)
  /// The file is damaged or is no database.
  case corrupt(String)
  /// This one row cannot be written; others are not at fault.
  case refused(String)
  case other(String)

  /// - Parameter resultCode: SQLite's extended result code.
  init(resultCode: Int32, message: String) {
    let detail = "\(message) (SQLite \(resultCode))"
    switch ResultCode(rawValue: resultCode) {
    case .SQLITE_IOERR_FSYNC, .SQLITE_IOERR_DIR_FSYNC:
      self = .syncFailed("the disk failed to sync the journal: \(detail); check the disk, then start again")
    default: self = Self.byPrimaryCode(resultCode & 0xFF, detail)
    }
  }

  init(_ error: any Error) {
    switch error {
    case let failure as StorageFailure: self = failure
    case JournalError.unavailable(let sentence): self = .other(sentence)
    case let error as DatabaseError:
      self.init(resultCode: error.extendedResultCode.rawValue, message: error.message ?? "no message")
    default: self = .other("the journal failed: \(error)")
    }
  }

  private static func byPrimaryCode(_ code: Int32, _ detail: String) -> StorageFailure {
    switch ResultCode(rawValue: code) {
    case .SQLITE_FULL: .full
    case .SQLITE_CORRUPT, .SQLITE_NOTADB:
      .corrupt("the journal's file is damaged: \(detail); restore a backup, or start with a new file")
    case .SQLITE_CONSTRAINT, .SQLITE_TOOBIG, .SQLITE_MISMATCH, .SQLITE_RANGE:
      .refused("the journal cannot hold this: \(detail)")
    case .SQLITE_BUSY: .other("another program has locked the journal: \(detail)")
    default: .other("the journal failed: \(detail)")
    }
  }

  var journalError: JournalError {
    switch self {
    case .full: .full
    case .syncFailed(let sentence), .corrupt(let sentence), .refused(let sentence), .other(let sentence):
      .unavailable(sentence)
    }
  }
}
