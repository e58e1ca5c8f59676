import CallbackServer
import GatewayCore
import OrderedCollections
import Testing

@Suite("The checks of a callback, in the contract's order")
struct CallbackChecksTests {
  struct Example: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let request: String
    let status: Int
    var reason: RejectionReason?
    /// The label `app` it is counted under.
    var app = TestDoor.app.description
    var apps = [TestDoor.signed]
  }

  private static let signedQuery = TestRequest.query + "&Sign=\(TestDoor.sign)&RequestTime=1669872112"
  private static let unknownQuery = "SdkAppid=1400000001&CallbackCommand=State.StateChange"
  private static let elsewhere = AppConfiguration(
    id: TestDoor.app, tokens: TestDoor.signed.tokens, allowedAddresses: [AddressRange("203.0.113.0/24")!])
  private static let ownMark = FakeJournal.mark.rawValue
  private static let tooLong = ["Content-Length: 4194305"]

  static let examples = [
    Example(testDescription: "a signed callback is taken", request: TestRequest.post(query: signedQuery), status: 200),
    Example(
      testDescription: "another path is not found, whatever else is wrong",
      request: TestRequest.head(method: "DELETE", path: "/callback/", query: unknownQuery, fields: tooLong),
      status: 404, reason: .method, app: "unknown"),
    Example(
      testDescription: "another method is not allowed, before the length counts",
      request: TestRequest.head(method: "PUT", query: unknownQuery, fields: tooLong), status: 405, reason: .method,
      app: "unknown"),
    Example(
      testDescription: "a method nobody knows is not allowed either", request: TestRequest.head(method: "BREW"),
      status: 405, reason: .method, app: "unknown"),
    Example(
      testDescription: "a stranger's body is too large before the stranger is unknown",
      request: TestRequest.head(query: unknownQuery, fields: tooLong), status: 413, reason: .tooLarge, app: "unknown"),
    Example(
      testDescription: "a body too large is counted for the app that the query names",
      request: TestRequest.head(fields: tooLong), status: 413, reason: .tooLarge),
    Example(
      testDescription: "an unknown app comes before a wrong signature",
      request: TestRequest.post(query: unknownQuery + "&Sign=00&RequestTime=1"), status: 403, reason: .unknownApp,
      app: "unknown"),
    Example(
      testDescription: "a query without an app is refused", request: TestRequest.post(query: "CallbackCommand=x"),
      status: 403, reason: .unknownApp, app: "unknown"),
    Example(
      testDescription: "a foreign address comes before a wrong signature", request: TestRequest.post(), status: 403,
      reason: .ipNotAllowed, apps: [elsewhere]),
    Example(
      testDescription: "a missing signature is bad", request: TestRequest.post(), status: 401, reason: .badSignature),
    Example(
      testDescription: "a wrong signature is bad",
      request: TestRequest.post(query: TestRequest.query + "&Sign=\(TestDoor.sign)&RequestTime=1669872113"),
      status: 401, reason: .badSignature),
    Example(
      testDescription: "an old signature is stale",
      // sha256("xxxxyyyy" + "1669872051"): 61 seconds before the door's clock.
      request: TestRequest.post(
        query: TestRequest.query
          + "&RequestTime=1669872051&Sign=9f079e0f08dbc7b1520a0ea57f79e87572d665cce12c410c8ca51b8a7fbe20fc"),
      status: 401, reason: .staleSignature),
    Example(
      testDescription: "a loop comes after a wrong signature",
      request: TestRequest.post(fields: ["switchyard-via: \(ownMark)"]), status: 401, reason: .badSignature),
    Example(
      testDescription: "a callback that this gateway has sent on itself is a loop",
      request: TestRequest.post(query: signedQuery, fields: ["Switchyard-Via: other, \(ownMark)"]), status: 508,
      reason: .loop),
    Example(
      testDescription: "the mark may stand in any of several headers, before anything of the body counts",
      request: TestRequest.post(
        query: signedQuery, fields: ["switchyard-via: \(ownMark)", "switchyard-via: other"], body: "[]"),
      status: 508, reason: .loop),
    Example(
      testDescription: "a callback that sixteen gateways have sent on is a loop",
      request: TestRequest.post(
        query: signedQuery, fields: ["switchyard-via: " + (1...16).map { "g\($0)" }.joined(separator: ",")]),
      status: 508, reason: .loop),
    Example(
      testDescription: "a callback that fifteen others have sent on is taken",
      request: TestRequest.post(
        query: signedQuery, fields: ["switchyard-via: " + (1...15).map { "g\($0)" }.joined(separator: ",")]),
      status: 200),
    Example(
      testDescription: "a body that is no JSON object is malformed",
      request: TestRequest.post(query: signedQuery, body: "[]"), status: 400, reason: .malformed),
    Example(
      testDescription: "an empty body is malformed", request: TestRequest.head(query: signedQuery), status: 400,
      reason: .malformed),
    Example(
      testDescription: "what is no HTTP is malformed", request: "GARBAGE\r\n\r\n", status: 400, reason: .malformed,
      app: "unknown"),
    Example(
      testDescription: "both a length and chunks are malformed",
      request: TestRequest.head(fields: ["Content-Length: 5", "Transfer-Encoding: chunked"]), status: 400,
      reason: .malformed, app: "unknown"),
    Example(
      testDescription: "a chunk of no length is malformed",
      request: TestRequest.head(query: signedQuery, fields: ["Transfer-Encoding: chunked"]) + "xyz\r\n", status: 400,
      reason: .malformed),
  ]

  @Test("answer with their status, in Tencent's shape, and are counted under their reason", arguments: examples)
  func check(_ example: Example) async throws {
    try await TestDoor.open(apps: example.apps) { door in
      let answer = try await door.answer(to: example.request)
      #expect(answer.status == example.status)
      #expect(answer.headers["content-type"] == "application/json")
      #expect(answer.headers["date"] == "Thu, 01 Dec 2022 05:21:52 GMT")
      if let reason = example.reason {
        #expect(answer.body.hasPrefix(#"{"ActionStatus":"FAIL","ErrorCode":1,"ErrorInfo":""#))
        #expect(door.rejected(reason, app: example.app) == 1)
        #expect(door.server.counts.rejected == 1)
        #expect(door.journal.batches.isEmpty)
      } else {
        #expect(answer.body == TestRequest.okBody)
        #expect(door.server.counts == (1, 0, 0, 3))
      }
    }
  }

  @Test("GET and HEAD are the console's probe: OK whatever the query", arguments: ["GET", "HEAD"])
  func probe(method: String) async throws {
    try await TestDoor.open(apps: []) { door in
      let connection = try await door.connect()
      for path in ["/", "/callback"] {
        try await connection.send(TestRequest.head(method: method, path: path, query: "SdkAppid=1"))
        let answer = try await connection.response(hasBody: method == "GET")
        #expect(answer.status == 200)
        #expect(answer.headers["content-length"] == "50")
        if method == "GET" { #expect(answer.body == TestRequest.okBody) }
      }
      #expect(door.server.counts.rejected == 0)
    }
  }

  @Test("A refused method is told which ones there are")
  func allow() async throws {
    try await TestDoor.open { door async throws in
      #expect(try await door.answer(to: TestRequest.head(method: "PATCH")).headers["allow"] == "GET, HEAD, POST")
    }
  }

  @Test("A stranger is answered before any byte of the body, and the connection closes")
  func headOnly() async throws {
    try await TestDoor.open { door in
      let connection = try await door.connect()
      try await connection.send(TestRequest.head(query: "SdkAppid=7", fields: ["Content-Length: 100000"]))
      let answer = try await connection.response()
      #expect(answer.status == 403)
      #expect(answer.headers["connection"] == "close")
      #expect(try await connection.rest() == "")
    }
  }

  @Test("A refused client that sends on for a while still sees its answer")
  func lingeringClose() async throws {
    try await TestDoor.open { door in
      let connection = try await door.connect()
      try await connection.send(TestRequest.head(fields: ["Content-Length: 9000000"]))
      let piece = [UInt8](repeating: 0x20, count: 1_000_000)
      for _ in 0..<9 { try await connection.send(piece) }
      #expect(try await connection.response().status == 413)
      #expect(try await connection.rest() == "")
    }
  }

  @Test("In report mode a foreign address is counted and logged, and the callback taken")
  func report() async throws {
    var app = AppConfiguration(id: TestDoor.app, allowedAddresses: [try #require(AddressRange("203.0.113.0/24"))])
    app.allowMode = .report
    try await TestDoor.open(apps: [app]) { door in
      #expect(try await door.answer(to: TestRequest.post()).status == 200)
      #expect(door.rejected(.ipNotAllowed) == 1)
      #expect(door.server.counts == (1, 0, 0, 3))
      let line = try #require(door.log.lines("callback from an address that is not allowed").first)
      #expect(line.metadata["peer"] == "127.0.0.1")
    }
  }

  @Test("The address a trusted proxy names is the one that is checked, and the one that is kept")
  func forwarded() async throws {
    let app = AppConfiguration(id: TestDoor.app, allowedAddresses: [try #require(AddressRange("203.0.113.7"))])
    try await TestDoor.open(apps: [app], trustedProxies: ["127.0.0.0/8"]) { door in
      let named = TestRequest.post(fields: ["X-Forwarded-For: 203.0.113.9, 203.0.113.7"])
      #expect(try await door.answer(to: named).status == 200)
      let record = try #require(door.journal.batches.first.flatMap { CallbackRecord(decoding: $0.payload) })
      #expect(record.peer == "203.0.113.7")
      let hidden = TestRequest.post(fields: ["X-Forwarded-For: 203.0.113.7, somebody"])
      #expect(try await door.answer(to: hidden).status == 403)
      #expect(door.log.lines("refused a callback").first?.metadata["peer"] == "unknown")
    }
  }

  @Test("A change of the apps takes effect for the next request of an open connection")
  func update() async throws {
    try await TestDoor.open(apps: []) { door in
      let connection = try await door.connect()
      try await connection.send(TestRequest.head())
      #expect(try await connection.response().status == 403)
      door.server.update(apps: [TestDoor.app: TestDoor.unsigned])
      try await connection.send(TestRequest.post())
      #expect(try await connection.response().status == 200)
    }
  }
}
