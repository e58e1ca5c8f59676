import GRDB
import GatewayCore
import Testing

@testable import SQLiteJournal

@Suite("What SQLite's errors mean")
struct StorageFailureTests {
  private func failure(_ code: ResultCode) -> StorageFailure {
    StorageFailure(DatabaseError(resultCode: code, message: "words of SQLite"))
  }

  @Test(
    "a failed sync, of the file or its folder, is fatal",
    arguments: [ResultCode.SQLITE_IOERR_FSYNC, .SQLITE_IOERR_DIR_FSYNC])
  func sync(_ code: ResultCode) {
    guard case .syncFailed(let sentence) = failure(code) else {
      Issue.record("\(failure(code))")
      return
    }
    #expect(sentence.contains("\(code.rawValue)"))
    #expect(sentence.contains("words of SQLite"))
  }

  @Test(
    "another input or output error is not: nothing was committed",
    arguments: [ResultCode.SQLITE_IOERR_WRITE, .SQLITE_IOERR_READ, .SQLITE_IOERR_TRUNCATE, .SQLITE_IOERR])
  func otherInputOutput(_ code: ResultCode) {
    guard case .other = failure(code) else {
      Issue.record("\(failure(code))")
      return
    }
  }

  @Test("no room is told as such")
  func full() {
    #expect(failure(.SQLITE_FULL) == .full)
    #expect(failure(.SQLITE_FULL).journalError == .full)
  }

  @Test("damage is told with a way out", arguments: [ResultCode.SQLITE_CORRUPT, .SQLITE_CORRUPT_VTAB, .SQLITE_NOTADB])
  func damage(_ code: ResultCode) {
    guard case .corrupt(let sentence) = failure(code) else {
      Issue.record("\(failure(code))")
      return
    }
    #expect(sentence.contains("restore a backup"))
  }

  @Test(
    "what one row is to blame for is told apart", arguments: [ResultCode.SQLITE_CONSTRAINT_NOTNULL, .SQLITE_TOOBIG])
  func row(_ code: ResultCode) {
    guard case .refused = failure(code) else {
      Issue.record("\(failure(code))")
      return
    }
  }
}
