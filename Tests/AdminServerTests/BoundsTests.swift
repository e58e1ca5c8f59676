import GatewayCore
import Testing

@testable import AdminServer

@Suite("The admin door's bounds")
struct BoundsTests {
  private static let limits = {
    var limits = AdminLimits()
    limits.bodyBytes = 100
    limits.exchange = .milliseconds(300)
    return limits
  }()
  private static let head = "Host: localhost\r\nX-Switchyard-Admin: 1\r\n"

  @Test("a body declared too large is refused unread, and the connection ends")
  func declaredTooLarge() async throws {
    try await Door.open(limits: Self.limits) { door in
      let connection = try RawConnection()
      defer { connection.close() }
      try connection.connect(to: door.port)
      try connection.send("POST /v1/reload HTTP/1.1\r\n\(Self.head)Content-Length: 101\r\n\r\nsome of it")
      try await expectRefused(connection)
    }
  }

  @Test("a body that turns out too large is refused, and the connection ends")
  func chunkedTooLarge() async throws {
    try await Door.open(limits: Self.limits) { door in
      let connection = try RawConnection()
      defer { connection.close() }
      try connection.connect(to: door.port)
      let chunk = "33\r\n\(String(repeating: "x", count: 51))\r\n"
      try connection.send("POST /v1/reload HTTP/1.1\r\n\(Self.head)Transfer-Encoding: chunked\r\n\r\n\(chunk)\(chunk)")
      try await expectRefused(connection)
    }
  }

  @Test("a body within the bound is read and does no harm")
  func smallBody() async throws {
    try await Door.open(control: FakeControl(reload: .success(Samples.change)), limits: Self.limits) { door in
      let response = try await door.send(
        "POST", "/v1/reload", ["X-Switchyard-Admin": "1"], body: String(repeating: "x", count: 100))
      #expect(response.status == 200)
    }
  }

  @Test("an exchange that takes too long is cut off, one that is over leaves its connection open")
  func slowExchange() async throws {
    try await Door.open(limits: Self.limits) { door in
      let quick = try RawConnection()
      let slow = try RawConnection()
      defer {
        quick.close()
        slow.close()
      }
      try quick.connect(to: door.port)
      try slow.connect(to: door.port)
      for method in ["GET", "HEAD"] {
        try quick.send("\(method) /livez HTTP/1.1\r\nHost: localhost\r\n\r\n")
        let end = method == "GET" ? #"{"status":"ok"}"# : "\r\n\r\n"
        #expect(RawResponse(try await quick.receive { $0.hasSuffix(end) })?.status == 200)
      }
      // A body that never ends, until the other side has had enough.
      try slow.send("POST /v1/reload HTTP/1.1\r\n\(Self.head)Content-Length: 50\r\n\r\nsome")
      let cut = try await slow.receive()
      #expect(!cut.contains("200 OK"))
      // By now the time of the quick exchanges is over too.
      try quick.send("GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n")
      #expect(try await quick.receive { $0.hasSuffix("}") }.contains("200 OK"))
    }
  }

  @Test("a head that is too large is refused")
  func largeHead() async throws {
    try await Door.open { door in
      let response = try await door.send("GET", "/livez", ["X-Padding": String(repeating: "x", count: 17 << 10)])
      #expect(response.status == 400)
    }
  }

  @Test("a connection that sends nothing is closed")
  func idle() async throws {
    var limits = AdminLimits()
    limits.idle = .milliseconds(100)
    try await Door.open(limits: limits) { door in
      let connection = try RawConnection()
      defer { connection.close() }
      try connection.connect(to: door.port)
      try connection.send("GET /livez HTTP/1.1\r\nHost: loc")
      #expect(try await connection.receive() == "")
    }
  }

  private func expectRefused(_ connection: RawConnection) async throws {
    let response = try #require(RawResponse(try await connection.receive()))
    #expect(response.status == 413)
    #expect(response.headers["connection"] == "close")
    #expect(
      response.body
        == #"{"detail":"A request's body may have 100 bytes.","status":413,"title":"Content Too Large","#
        + #""type":"about:blank"}"#)
  }
}
