import Foundation
import GatewayCore
import Synchronization
import Testing

@testable import AdminServer

@Suite("The admin door's tokens")
struct TokenTests {
  @Test("come from four variables")
  func environment() throws {
    #expect(try AdminTokenSources(environment: [:]) == AdminTokenSources())
    #expect(
      try AdminTokenSources(environment: ["SWITCHYARD_ADMIN_TOKEN": "a", "SWITCHYARD_ADMIN_READ_TOKEN_FILE": "/run/r"])
        == AdminTokenSources(admin: .value(Secret("a")), read: .file("/run/r")))
    #expect(
      try AdminTokenSources(environment: ["SWITCHYARD_ADMIN_TOKEN_FILE": "/run/a", "SWITCHYARD_ADMIN_READ_TOKEN": "r"])
        == AdminTokenSources(admin: .file("/run/a"), read: .value(Secret("r"))))
  }

  @Test("an empty variable or two for one token is an error that names them and tells no token")
  func badEnvironment() {
    #expect(throws: AdminTokenError(description: "SWITCHYARD_ADMIN_TOKEN is empty: give it a value or unset it.")) {
      try AdminTokenSources(environment: ["SWITCHYARD_ADMIN_TOKEN": ""])
    }
    #expect(
      throws: AdminTokenError(
        description: "SWITCHYARD_ADMIN_READ_TOKEN and SWITCHYARD_ADMIN_READ_TOKEN_FILE are both set: unset one of them."
      )
    ) {
      try AdminTokenSources(environment: ["SWITCHYARD_ADMIN_READ_TOKEN": "r", "SWITCHYARD_ADMIN_READ_TOKEN_FILE": "f"])
    }
  }

  @Test("the same token for both may do what the greater right allows")
  func sameToken() {
    let sources = AdminTokenSources(admin: .value(Secret("same")), read: .value(Secret("same")))
    let tokens = AdminTokens(sources, digest: PlainDigest(), logger: RecordedLog().logger)
    #expect(tokens.right(of: "same") == .change)
    #expect(tokens.right(of: "other") == nil)
  }

  @Test("a file's token is replaced when the file is, within a second of use and not sooner")
  func rotation() throws {
    let file = try TemporaryFile("first\n")
    let clock = ManualClock()
    let tokens = tokens(file, clock, RecordedLog())
    #expect(tokens.right(of: "first") == .change)
    try file.replace(with: "second")
    #expect(tokens.right(of: "first") == .change)
    clock.advance(by: .milliseconds(999))
    #expect(tokens.right(of: "second") == nil)
    clock.advance(by: .milliseconds(1))
    #expect(tokens.right(of: "second") == .change)
    #expect(tokens.right(of: "first") == nil)
  }

  @Test("a file that is written over in place is read again too")
  func overwritten() throws {
    let file = try TemporaryFile("first")
    let clock = ManualClock()
    let tokens = tokens(file, clock, RecordedLog())
    try file.overwrite(with: "second token")
    clock.advance(by: .seconds(1))
    #expect(tokens.right(of: "second token") == .change)
  }

  @Test(
    "a file without a usable token lets nobody pass, and says so once for each change",
    arguments: [("", "it is empty"), (" \n", "it is empty"), (String(repeating: "x", count: 4097), "it is larger")])
  func unusable(content: String, reason: String) throws {
    let file = try TemporaryFile(content)
    let clock = ManualClock()
    let log = RecordedLog()
    let tokens = tokens(file, clock, log)
    for _ in 0..<3 {
      #expect(tokens.right(of: content) == nil && tokens.right(of: "") == nil)
      clock.advance(by: .seconds(1))
    }
    #expect(log.lines.count == 1)
    #expect(log.lines.first?.hasPrefix("error admin token file unusable file=\(file.path) reason=\(reason)") == true)
    try file.replace(with: "good")
    clock.advance(by: .seconds(1))
    #expect(tokens.right(of: "good") == .change)
    try file.remove()
    clock.advance(by: .seconds(1))
    #expect(tokens.right(of: "good") == nil)
    #expect(log.lines.last == "error admin token file unusable file=\(file.path) reason=it cannot be read")
  }

  private func tokens(_ file: TemporaryFile, _ clock: ManualClock, _ log: RecordedLog) -> AdminTokens {
    AdminTokens(
      AdminTokenSources(admin: .file(file.path)), digest: PlainDigest(), logger: log.logger, now: { clock.now })
  }
}

/// A monotonic clock that the test moves.
private final class ManualClock: Sendable {
  private let moment = Mutex(ContinuousClock.now)

  var now: ContinuousClock.Instant { moment.withLock { $0 } }

  func advance(by duration: Duration) { moment.withLock { $0 = $0.advanced(by: duration) } }
}

/// A file that goes when the test is over.
private final class TemporaryFile: Sendable {
  private let url = FileManager.default.temporaryDirectory.appending(path: "token-\(UUID().uuidString)")

  init(_ content: String) throws { try replace(with: content) }

  deinit { try? FileManager.default.removeItem(at: url) }

  var path: String { url.path }

  /// By rename, as editors and secret stores do.
  func replace(with content: String) throws { try Data(content.utf8).write(to: url, options: .atomic) }

  func overwrite(with content: String) throws { try Data(content.utf8).write(to: url) }

  func remove() throws { try FileManager.default.removeItem(at: url) }
}
