import GatewayCore
import HTTPTypes
import Testing

@testable import AdminServer

@Suite("Signing in with a browser")
struct SignInTests {
  private static let tokens = AdminTokenSources(
    admin: .value(Secret("admin-token")), read: .value(Secret("reading")))
  private static let form = ["Content-Type": "application/x-www-form-urlencoded"]

  private static func open(
    tokens: AdminTokenSources = tokens, _ body: @escaping @Sendable (Door, FakeControl) async throws -> Void
  ) async throws {
    let control = FakeControl(status: .success(Samples.status), reload: .success(Samples.change))
    try await Door.open(tokens: tokens, control: control) { try await body($0, control) }
  }

  private static func signIn(_ door: Door, _ token: String, _ headers: [String: String] = [:]) async throws
    -> RawResponse
  {
    try await door.send("POST", "/session", form.merging(headers) { $1 }, body: "token=\(token)")
  }

  /// The `Cookie` header of a session of this token.
  private static func cookie(_ door: Door, _ token: String) async throws -> [String: String] {
    let response = try await signIn(door, token)
    let value = try #require(response.headers["set-cookie"]?.split(separator: ";").first)
    return ["Cookie": "theme=dark; \(value)"]
  }

  @Test("without a session the page asks for a token, and tells nothing else")
  func askedFor() async throws {
    try await Self.open { door, _ in
      for headers in [[:], ["Cookie": "switchyard_session=0123"]] {
        let page = try await door.send("GET", "/", headers)
        #expect(page.status == 200)
        #expect(page.body.contains(#"<form method="post" action="/session""#))
        #expect(page.body.contains(#"type="password""#))
        #expect(!page.body.contains("moderation") && !page.body.contains("1.0.0"))
        #expect(page.headers["content-security-policy"]?.hasPrefix("default-src 'none'; ") == true)
      }
    }
  }

  @Test("a right token gives a cookie that no script and no other site can use")
  func cookieAttributes() async throws {
    try await Self.open { door, _ in
      let response = try await Self.signIn(door, "admin-token")
      #expect(response.status == 303)
      #expect(response.headers["location"] == "/")
      let cookie = try #require(response.headers["set-cookie"])
      #expect(cookie.wholeMatch(of: /switchyard_session=[0-9a-f]{64}; Path=\/; HttpOnly; SameSite=Strict/) != nil)
      let secure = try await Self.signIn(
        door, "admin-token", ["Host": "ops.example", "Origin": "https://ops.example"])
      #expect(secure.headers["set-cookie"]?.hasSuffix("; Secure") == true)
      #expect(door.log.lines.allSatisfy { !$0.contains("admin-token") })
    }
  }

  @Test("a wrong token is refused with a sentence, and is not logged")
  func wrongToken() async throws {
    try await Self.open { door, _ in
      let response = try await Self.signIn(door, "wrong-token-8f3a")
      #expect(response.status == 401)
      #expect(response.body.contains("This token is not one of the door’s."))
      #expect(response.body.contains("<form"))
      #expect(response.headers["set-cookie"] == nil)
      #expect(!response.body.contains("8f3a") && door.log.lines.allSatisfy { !$0.contains("8f3a") })
      #expect(door.log.lines.contains { $0.hasPrefix("warning sign-in refused") })
      for _ in 2...AdminSessions.refusals { _ = try await Self.signIn(door, "wrong") }
      let late = try await Self.signIn(door, "admin-token")
      #expect(late.status == 429)
      #expect(late.headers["retry-after"] == "5")
    }
  }

  @Test("a session sees the page and the API, and changes with the header from its own page alone")
  func session() async throws {
    try await Self.open { door, control in
      let cookie = try await Self.cookie(door, "admin-token")
      let page = try await door.send("GET", "/", cookie)
      #expect(page.body.contains("moderation") && page.body.contains(#"data-right="change""#))
      #expect(page.body.contains("Sign out") && !page.body.contains("Read only"))
      let host = "127.0.0.1:\(door.port)"
      let header = cookie.merging(["X-Switchyard-Admin": "1"]) { $1 }
      for (method, path, headers, status) in [
        ("GET", "/v1/stats", cookie, 200), ("POST", "/v1/reload", cookie, 403), ("POST", "/v1/reload", header, 200),
        ("POST", "/v1/reload", header.merging(["Origin": "http://\(host)"]) { $1 }, 200),
        ("POST", "/v1/reload", header.merging(["Origin": "http://127.0.0.1:1"]) { $1 }, 403),
        ("POST", "/v1/reload", header.merging(["Origin": "null"]) { $1 }, 403),
        ("GET", "/v1/stats", cookie.merging(["Origin": "http://localhost:3000"]) { $1 }, 403),
        // A token that is sent counts, whatever the cookie is.
        ("GET", "/v1/stats", cookie.merging(["Authorization": "Bearer wrong"]) { $1 }, 401),
        ("GET", "/v1/stats", ["Cookie": "switchyard_session=0123"], 401),
      ] {
        let response = try await door.send(method, path, headers)
        #expect(response.status == status, "\(method) \(path) \(headers)")
      }
      #expect(control.reloads.count == 2)
    }
  }

  @Test("a session of the read token looks and changes nothing")
  func readOnly() async throws {
    try await Self.open { door, control in
      let cookie = try await Self.cookie(door, "reading")
      let page = try await door.send("GET", "/", cookie)
      #expect(page.body.contains(#"data-right="read""#) && page.body.contains("Read only"))
      let header = cookie.merging(["X-Switchyard-Admin": "1"]) { $1 }
      #expect(try await door.send("POST", "/v1/reload", header).status == 403)
      #expect(control.reloads.isEmpty)
    }
  }

  @Test("signing out ends the session and takes the cookie away")
  func signOut() async throws {
    try await Self.open { door, _ in
      let cookie = try await Self.cookie(door, "admin-token")
      let foreign = try await door.send(
        "POST", "/session/end", cookie.merging(["Origin": "http://evil.example"]) { $1 })
      #expect(foreign.status == 403)
      #expect(try await door.send("GET", "/v1/stats", cookie).status == 200)
      let response = try await door.send("POST", "/session/end", cookie)
      #expect(response.status == 303)
      #expect(response.headers["set-cookie"]?.hasPrefix("switchyard_session=; Max-Age=0; ") == true)
      #expect(try await door.send("GET", "/v1/stats", cookie).status == 401)
    }
  }

  @Test("a page of another origin signs nobody in")
  func foreignForm() async throws {
    try await Self.open { door, _ in
      let response = try await Self.signIn(door, "admin-token", ["Origin": "http://evil.example"])
      #expect(response.status == 403)
      #expect(response.headers["set-cookie"] == nil)
    }
  }

  @Test("without tokens there is nothing to sign in to")
  func noTokens() async throws {
    try await Self.open(tokens: AdminTokenSources()) { door, _ in
      #expect(try await Self.signIn(door, "anything").status == 404)
      let page = try await door.send("GET", "/")
      #expect(page.body.contains(#"data-right="change""#) && !page.body.contains("Sign out"))
    }
  }

  @Test("the gateways of one machine do not take each other's cookies")
  func cookieNames() {
    #expect(SessionCookie(port: 8090).setting(key: "k", isSecure: false).hasPrefix("switchyard_session_8090=k;"))
    #expect(SessionCookie(port: 8091).key(in: [.cookie: "switchyard_session_8090=k"]) == nil)
    #expect(SessionCookie(port: 8090).key(in: [.cookie: "a=b; switchyard_session_8090=k; c=d"]) == "k")
    #expect(SessionCookie(port: 8090).key(in: [.cookie: "xswitchyard_session_8090=k"]) == nil)
  }
}
