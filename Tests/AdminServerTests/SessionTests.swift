import Foundation
import GatewayCore
import Synchronization
import Testing

@testable import AdminServer

@Suite("Sessions")
struct SessionTests {
  /// Sessions of a door with two tokens, by a clock that the test moves.
  private struct Fixture {
    private let clock = MovedClock()
    let sessions: AdminSessions

    init(admin: AdminTokenSources.Source = .value(Secret("admin-token"))) {
      let now: @Sendable () -> ContinuousClock.Instant = { [clock] in clock.now }
      let tokens = AdminTokens(
        AdminTokenSources(admin: admin, read: .value(Secret("read-token"))), digest: PlainDigest(),
        logger: RecordedLog().logger, now: now)
      sessions = AdminSessions(tokens: tokens, digest: PlainDigest(), now: now)
    }

    func pass(_ time: Duration) { clock.pass(time) }

    func key(_ token: String) throws -> String {
      guard case .opened(let key, _) = sessions.signIn(token: token) else { throw AccessRefusal.tokenUnknown }
      return key
    }
  }

  private final class MovedClock: Sendable {
    private let moment = Mutex(ContinuousClock.now)

    var now: ContinuousClock.Instant { moment.withLock { $0 } }

    func pass(_ time: Duration) { moment.withLock { $0 += time } }
  }

  @Test("may do what their token may")
  func rights() throws {
    let fixture = Fixture()
    let (admin, reader) = (try fixture.key("admin-token"), try fixture.key("read-token"))
    #expect(admin.count == 64 && admin != reader)
    #expect(fixture.sessions.right(of: admin, isUse: true) == .change)
    #expect(fixture.sessions.right(of: reader, isUse: true) == .read)
    #expect(fixture.sessions.right(of: "0123", isUse: true) == nil)
    #expect(fixture.sessions.right(of: "", isUse: true) == nil)
  }

  @Test("end after twelve hours without use, and not before")
  func idle() throws {
    let fixture = Fixture()
    let (used, unused) = (try fixture.key("admin-token"), try fixture.key("admin-token"))
    for _ in 1...3 {
      fixture.pass(.seconds(11 * 3600))
      #expect(fixture.sessions.right(of: used, isUse: true) == .change)
    }
    #expect(fixture.sessions.right(of: unused, isUse: true) == nil)
    fixture.pass(.seconds(11 * 3600))
    // An open page that only listens does not keep it alive.
    #expect(fixture.sessions.right(of: used, isUse: false) == .change)
    fixture.pass(.seconds(3600))
    #expect(fixture.sessions.right(of: used, isUse: false) == nil)
    #expect(fixture.sessions.count == 0)
  }

  @Test("die with the token that they came from")
  func rotation() throws {
    let file = FileManager.default.temporaryDirectory.appending(path: "token-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: file) }
    try "first".write(to: file, atomically: true, encoding: .utf8)
    let fixture = Fixture(admin: .file(file.path))
    let (rotated, other) = (try fixture.key("first"), try fixture.key("read-token"))
    try "second-token".write(to: file, atomically: true, encoding: .utf8)
    fixture.pass(TokenFile.checkInterval)
    #expect(fixture.sessions.right(of: rotated, isUse: true) == nil)
    #expect(fixture.sessions.right(of: other, isUse: true) == .read)
    #expect(fixture.sessions.count == 1)
    // It does not come back with the token.
    try "first".write(to: file, atomically: true, encoding: .utf8)
    fixture.pass(TokenFile.checkInterval)
    #expect(fixture.sessions.right(of: rotated, isUse: true) == nil)
  }

  @Test("end when somebody signs out, and only that one")
  func signOut() throws {
    let fixture = Fixture()
    let (mine, other) = (try fixture.key("admin-token"), try fixture.key("admin-token"))
    fixture.sessions.signOut(key: mine)
    #expect(fixture.sessions.right(of: mine, isUse: true) == nil)
    #expect(fixture.sessions.right(of: other, isUse: true) == .change)
  }

  @Test("are so many and no more: the one used least recently makes room")
  func bound() throws {
    let fixture = Fixture()
    let first = try fixture.key("admin-token")
    fixture.pass(.seconds(1))
    let second = try fixture.key("admin-token")
    fixture.pass(.seconds(1))
    #expect(fixture.sessions.right(of: first, isUse: true) == .change)
    for _ in 2..<AdminSessions.maximum { _ = try fixture.key("read-token") }
    #expect(fixture.sessions.count == AdminSessions.maximum)
    _ = try fixture.key("read-token")
    #expect(fixture.sessions.count == AdminSessions.maximum)
    #expect(fixture.sessions.right(of: second, isUse: true) == nil)
    #expect(fixture.sessions.right(of: first, isUse: true) == .change)
  }

  @Test("cannot be had by trying tokens quickly")
  func guessing() {
    let fixture = Fixture()
    for _ in 1...AdminSessions.refusals { #expect(fixture.sessions.signIn(token: "wrong") == .wrongToken) }
    #expect(fixture.sessions.signIn(token: "admin-token") == .tooMany)
    fixture.pass(AdminSessions.refusalPeriod)
    guard case .opened = fixture.sessions.signIn(token: "admin-token") else {
      Issue.record("the right token is refused for good")
      return
    }
  }

  @Test(
    "a form holds the token as a browser sends it",
    arguments: [
      ("token=abc", "abc"), ("other=1&token=a%2Bb+c%3D", "a+b c="), ("token=%E4%BB%A4%E7%89%8C", "令牌"),
      ("token=abc%0D%0A", "abc"), ("token=", ""), ("", nil), ("tokens=abc", nil), ("token", nil), ("token=%zz", nil),
    ] as [(String, String?)])
  func form(body: String, token: String?) {
    #expect(SignInForm(body)?.token == token)
  }
}
