import GatewayCore
import TestSupport
import Testing

@testable import AdminServer

@Suite("Who may do what over the admin door")
struct AccessTests {
  /// One request and the status it gets.
  struct Row: Sendable, CustomTestStringConvertible {
    let method: String
    let path: String
    let headers: [String: String]
    let status: Int

    init(_ method: String, _ path: String, _ headers: [String: String] = [:], is status: Int) {
      self.method = method
      self.path = path
      self.headers = headers
      self.status = status
    }

    var testDescription: String { "\(method) \(path) \(headers) is \(status)" }
  }

  private static let admin = ["Authorization": "Bearer admin-token"]
  private static let read = ["Authorization": "Bearer read-token"]
  private static let header = ["X-Switchyard-Admin": "1"]
  private static let bothTokens = AdminTokenSources(
    admin: .value(Secret("admin-token")), read: .value(Secret("read-token")))

  @Test("on loopback without a token: who calls this machine by its name, and changes only with the header")
  func loopback() async throws {
    try await expect(
      [
        Row("GET", "/v1/stats", is: 200),
        Row("HEAD", "/v1/stats", is: 200),
        Row("GET", "/v1/stats", ["Host": "localhost"], is: 200),
        Row("GET", "/v1/stats", ["Host": "LocalHost:8090"], is: 200),
        Row("GET", "/v1/stats", ["Host": "127.8.9.10:1"], is: 200),
        Row("GET", "/v1/stats", ["Host": "[::1]:8090"], is: 200),
        Row("GET", "/v1/stats", ["Host": "switchyard.example"], is: 403),
        Row("GET", "/v1/stats", ["Host": "localhost.evil.example"], is: 403),
        Row("GET", "/v1/stats", ["Host": "127.0.0.1.evil.example"], is: 403),
        Row("GET", "/v1/stats", ["Host": "203.0.113.7"], is: 403),
        Row("GET", "/v1/stats", ["Origin": "http://localhost:3000"], is: 200),
        Row("GET", "/v1/stats", ["Origin": "https://127.0.0.1"], is: 200),
        Row("GET", "/v1/stats", ["Origin": "https://evil.example"], is: 403),
        Row("GET", "/v1/stats", ["Origin": "http://localhost.evil.example"], is: 403),
        Row("GET", "/v1/stats", ["Origin": "null"], is: 403),
        Row("POST", "/v1/reload", is: 403),
        Row("POST", "/v1/reload", ["X-Switchyard-Admin": "0"], is: 403),
        Row("POST", "/v1/reload", Self.header, is: 200),
        Row("POST", "/v1/reload", Self.header.merging(["Host": "evil.example"]) { $1 }, is: 403),
        Row("POST", "/v1/reload", Self.header.merging(["Origin": "https://evil.example"]) { $1 }, is: 403),
        Row("OPTIONS", "/v1/reload", is: 403),
        Row("GET", "/nowhere", is: 404),
        Row("GET", "/nowhere", ["Host": "evil.example"], is: 403),
        Row("GET", "/", is: 200),
        Row("GET", "/", ["Host": "evil.example"], is: 403),
        Row("GET", "/", ["Origin": "https://evil.example"], is: 403),
        Row("GET", "/dashboard/dashboard.css", is: 200),
        Row("GET", "/dashboard/dashboard.css", ["Host": "evil.example"], is: 403),
        Row("GET", "/dashboard/stream", ["Host": "evil.example"], is: 403),
        Row("POST", "/session", is: 404),
      ] + open)
  }

  @Test("beyond loopback without a token: nobody, whatever they send")
  func beyondLoopback() async throws {
    try await expect(
      host: "0.0.0.0",
      [
        Row("GET", "/v1/stats", is: 403),
        Row("GET", "/v1/stats", Self.admin, is: 403),
        Row("GET", "/v1/subscribers/moderation", ["Host": "localhost"], is: 403),
        Row("POST", "/v1/reload", Self.header, is: 403),
        Row("GET", "/nowhere", is: 403),
        Row("GET", "/", is: 403),
        Row("GET", "/dashboard/dashboard.css", is: 403),
        Row("GET", "/dashboard/stream", is: 403),
        Row("POST", "/session", is: 403),
      ] + open)
  }

  @Test(
    "with tokens: the admin token everything, the read token what changes nothing, on loopback or beyond",
    arguments: ["127.0.0.1", "0.0.0.0"])
  func tokens(host: String) async throws {
    try await expect(
      host: host, tokens: Self.bothTokens,
      [
        Row("GET", "/v1/stats", is: 401),
        Row("GET", "/v1/stats", Self.header, is: 401),
        Row("GET", "/v1/stats", ["Authorization": "Bearer wrong"], is: 401),
        Row("GET", "/v1/stats", ["Authorization": "Bearer "], is: 401),
        Row("GET", "/v1/stats", ["Authorization": "Basic admin-token"], is: 401),
        Row("GET", "/v1/stats", ["Authorization": "admin-token"], is: 401),
        Row("GET", "/v1/stats", ["Authorization": "bearer read-token"], is: 200),
        Row("GET", "/v1/stats", Self.read, is: 200),
        Row("HEAD", "/v1/stats", Self.read, is: 200),
        Row("GET", "/v1/stats", Self.admin, is: 200),
        Row("GET", "/v1/stats", Self.read.merging(["Host": "switchyard.example"]) { $1 }, is: 200),
        Row("POST", "/v1/reload", is: 401),
        Row("POST", "/v1/reload", Self.header, is: 401),
        Row("POST", "/v1/reload", Self.read, is: 403),
        Row("POST", "/v1/reload", Self.read.merging(Self.header) { $1 }, is: 403),
        Row("POST", "/v1/reload", Self.admin, is: 200),
        Row("GET", "/nowhere", is: 401),
        // The page that asks for a token.
        Row("GET", "/", is: 200),
        Row("GET", "/dashboard/dashboard.css", is: 200),
        Row("GET", "/dashboard/stream", is: 401),
        Row("GET", "/nowhere", Self.read, is: 404),
      ] + open)
  }

  @Test("with a read token alone: nobody changes anything, not even on loopback")
  func readTokenAlone() async throws {
    try await expect(
      tokens: AdminTokenSources(read: .value(Secret("read-token"))),
      [
        Row("GET", "/v1/stats", is: 401),
        Row("GET", "/v1/stats", Self.read, is: 200),
        Row("POST", "/v1/reload", Self.header, is: 401),
        Row("POST", "/v1/reload", Self.read, is: 403),
        Row("POST", "/v1/reload", Self.admin, is: 401),
      ])
  }

  @Test("with a token file that is not there: nobody")
  func missingTokenFile() async throws {
    try await expect(
      tokens: AdminTokenSources(admin: .file("/nonexistent/token")),
      [
        Row("GET", "/v1/stats", is: 401),
        Row("GET", "/v1/stats", ["Authorization": "Bearer "], is: 401),
        Row("POST", "/v1/reload", Self.header, is: 401),
      ] + open)
  }

  @Test("a door that is given a name is judged by the address behind it")
  func listeningOnName() async throws {
    try await Door.open(host: "localhost") { door in
      let words = ["curl", "-s", "-o", "/dev/null", "-w", "%{http_code}", "http://localhost:\(door.port)/livez"]
      let answer = try await Command(words).run().text
      #expect(answer == "200")
    }
  }

  /// Needs no permission anywhere, and no name.
  private var open: [Row] {
    ["/metrics", "/livez", "/readyz"].flatMap { path in
      [
        Row("GET", path, is: 200), Row("HEAD", path, is: 200), Row("GET", path, ["Host": "evil.example"], is: 200),
        Row("GET", path, ["Origin": "https://evil.example"], is: 200), Row("POST", path, is: 405),
      ]
    }
  }

  private func expect(
    host: String = "127.0.0.1", tokens: AdminTokenSources = AdminTokenSources(), _ rows: [Row],
    sourceLocation: SourceLocation = #_sourceLocation
  ) async throws {
    let control = FakeControl(status: .success(Samples.status), reload: .success(Samples.change))
    try await Door.open(host: host, tokens: tokens, control: control) { door in
      for row in rows {
        let response = try await door.send(row.method, row.path, row.headers)
        #expect(response.status == row.status, "\(row.testDescription)", sourceLocation: sourceLocation)
        #expect((response.headers["www-authenticate"] == "Bearer") == (row.status == 401), "\(row.testDescription)")
      }
    }
    let allowed = rows.count { $0.method == "POST" && $0.path == "/v1/reload" && $0.status == 200 }
    #expect(control.reloads.count == allowed, sourceLocation: sourceLocation)
  }
}
