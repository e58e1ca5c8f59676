import CallbackServer
import Foundation
import GatewayCore
import Testing

@Suite("Connections of the callback door")
struct CallbackConnectionTests {
  private func limits(_ change: (inout CallbackServerLimits) -> Void) -> CallbackServerLimits {
    var limits = CallbackServerLimits()
    change(&limits)
    return limits
  }

  @Test("A connection takes one callback after another")
  func keepAlive() async throws {
    try await TestDoor.open { door in
      let connection = try await door.connect()
      for _ in 0..<5 {
        try await connection.send(TestRequest.post())
        let answer = try await connection.response()
        #expect(answer.status == 200)
        #expect(answer.headers["connection"] == nil)
      }
      #expect(door.journal.batches.count == 5)
    }
  }

  @Test("Pipelined requests are answered in their order, each after the one before")
  func pipelining() async throws {
    try await TestDoor.open { door in
      let connection = try await door.connect()
      let round =
        TestRequest.post() + TestRequest.head(method: "GET", path: "/nowhere") + TestRequest.head(method: "GET")
      try await connection.send(String(repeating: round, count: 400))
      for _ in 0..<400 {
        #expect(try await connection.response().status == 200)
        #expect(try await connection.response().status == 404)
        #expect(try await connection.response().status == 200)
      }
      #expect(door.server.counts.accepted == 400)
    }
  }

  @Test("A client that pipelines a lot and closes its side is read out no further than the bound")
  func pipeliningBound() async throws {
    let held = HeldAppends()
    let limits = limits { $0.heldInputSize = 1000 }
    try await TestDoor.open(journal: FakeJournal(answer: held.hold), threads: 1, limits: limits) { door in
      let connection = try await door.connect()
      try await connection.send(String(repeating: TestRequest.post(), count: 100))
      try await connection.finishSending()
      #expect(try await eventually { held.count == 1 })
      // The one event loop that answers this has seen the other connection end.
      #expect(try await door.answer(to: TestRequest.head(method: "GET")).status == 200)
      held.release()
      let answers = try await connection.rest().components(separatedBy: "HTTP/1.1 200 OK").count - 1
      #expect((1..<100).contains(answers))
      #expect(door.server.counts.accepted == answers)
    }
  }

  @Test("A body may come in chunks")
  func chunked() async throws {
    try await TestDoor.open { door in
      let connection = try await door.connect()
      try await connection.send(TestRequest.head(fields: ["Transfer-Encoding: chunked"]))
      for byte in TestRequest.body.utf8 { try await connection.send("1\r\n\(Character(UnicodeScalar(byte)))\r\n") }
      try await connection.send("0\r\n\r\n")
      #expect(try await connection.response().status == 200)
      let record = try #require(door.journal.batches.first.flatMap { CallbackRecord(decoding: $0.payload) })
      #expect(record.body == Array(TestRequest.body.utf8))
    }
  }

  @Test("Chunks that pass the largest body are refused")
  func chunksTooLarge() async throws {
    try await TestDoor.open(limits: limits { $0.bodySize = 100 }) { door in
      let connection = try await door.connect()
      try await connection.send(TestRequest.head(fields: ["Transfer-Encoding: chunked"]))
      try await connection.send("40\r\n" + String(repeating: " ", count: 64) + "\r\n40\r\n")
      try await connection.send(String(repeating: " ", count: 64))
      #expect(try await connection.response().status == 413)
      #expect(door.rejected(.tooLarge) == 1)
    }
  }

  @Test("A client that asks first is told to go on, once its head is in order")
  func expectContinue() async throws {
    try await TestDoor.open { door in
      let connection = try await door.connect()
      let fields = ["Content-Length: \(TestRequest.body.utf8.count)", "Expect: 100-continue"]
      try await connection.send(TestRequest.head(fields: fields))
      #expect(try await connection.response(hasBody: false).status == 100)
      try await connection.send(TestRequest.body)
      #expect(try await connection.response().status == 200)

      let refused = try await door.connect()
      try await refused.send(TestRequest.head(query: "SdkAppid=7", fields: fields))
      #expect(try await refused.response().status == 403)
    }
  }

  @Test("A head that drips is refused when its time is over")
  func slowHead() async throws {
    try await TestDoor.open(limits: limits { $0.headTime = .milliseconds(300) }) { door in
      let connection = try await door.connect()
      try await connection.send(TestRequest.post())
      #expect(try await connection.response().status == 200)
      let drip = Task {
        for byte in ("POST /callback HTTP/1.1\r\nHost: " + String(repeating: "x", count: 10_000)).utf8 {
          try await connection.send([byte])
          try await Task.sleep(for: .milliseconds(20))
        }
      }
      let answer = try await connection.response()
      drip.cancel()
      #expect(answer.status == 408)
      #expect(answer.headers["connection"] == "close")
      #expect(try await connection.rest() == "")
      #expect(door.rejected(.tooSlow, app: "unknown") == 1)
    }
  }

  @Test("Empty lines between requests start no clock")
  func emptyLines() async throws {
    try await TestDoor.open(limits: limits { $0.headTime = .milliseconds(200) }) { door in
      let connection = try await door.connect()
      for _ in 0..<2 {
        try await connection.send("\r\n\r\n")
        try await Task.sleep(for: .milliseconds(400))
        try await connection.send(TestRequest.post())
        #expect(try await connection.response().status == 200)
      }
    }
  }

  @Test("A body that drips is refused when its time is over")
  func slowBody() async throws {
    try await TestDoor.open(limits: limits { $0.bodyTime = .milliseconds(300) }) { door in
      let connection = try await door.connect()
      try await connection.send(TestRequest.head(fields: ["Content-Length: 100"]))
      let drip = Task {
        for _ in 0..<99 {
          try await connection.send(" ")
          try await Task.sleep(for: .milliseconds(20))
        }
      }
      let answer = try await connection.response()
      drip.cancel()
      #expect(answer.status == 408)
      #expect(door.rejected(.tooSlow) == 1)
    }
  }

  @Test("A connection that never sends anything is closed without a word")
  func silentFromTheStart() async throws {
    try await TestDoor.open(limits: limits { $0.firstByteTime = .milliseconds(100) }) { door in
      let connection = try await door.connect()
      #expect(try await connection.rest() == "")
      #expect(door.server.counts.rejected == 0)
    }
  }

  @Test("A connection that sends no further request is closed without a word")
  func silentBetweenRequests() async throws {
    try await TestDoor.open(limits: limits { $0.idleTime = .milliseconds(100) }) { door in
      let connection = try await door.connect()
      try await connection.send(TestRequest.post())
      #expect(try await connection.response().status == 200)
      #expect(try await connection.rest() == "")
      #expect(door.server.counts.rejected == 0)
    }
  }

  @Test(
    "A head larger than the limit is refused, whole or not",
    arguments: [
      "X-Long: " + String(repeating: "x", count: 66_000),
      String(repeating: "A: b\r\n", count: 11_000) + "C: d",
      String(repeating: "a:\r\n", count: 20_000) + "C: d",
    ])
  func headTooLarge(fields: String) async throws {
    try await TestDoor.open { door in
      #expect(try await door.answer(to: TestRequest.head(method: "POST", fields: [fields])).status == 431)
      let unfinished = try await door.connect()
      try await unfinished.send(TestRequest.head(fields: [fields]).dropLast(2) + String(repeating: "y", count: 66_000))
      #expect(try await unfinished.response().status == 431)
      #expect(try await unfinished.rest() == "")
    }
  }

  @Test("A head of exactly 64 KiB is taken, and one byte more is not")
  func headLimit() async throws {
    try await TestDoor.open { door async throws in
      let size = TestRequest.head(fields: ["X: "]).utf8.count
      for (excess, status) in [(0, 400), (1, 431)] {
        let filler = String(repeating: "x", count: (64 << 10) - size + excess)
        #expect(try await door.answer(to: TestRequest.head(fields: ["X: \(filler)"])).status == status)
      }
    }
  }

  @Test("HTTP/1.0 closes after the answer unless it asks to stay")
  func http10() async throws {
    try await TestDoor.open { door in
      let connection = try await door.connect()
      let request = TestRequest.post(fields: ["Connection: keep-alive"])
        .replacing("HTTP/1.1", with: "HTTP/1.0")
      try await connection.send(request)
      let first = try await connection.response()
      #expect(first.status == 200)
      #expect(first.headers["connection"] == "keep-alive")
      try await connection.send(TestRequest.post().replacing("HTTP/1.1", with: "HTTP/1.0"))
      #expect(try await connection.response().headers["connection"] == "close")
      #expect(try await connection.rest() == "")
    }
  }

  @Test("A client that closes its side after its request still gets the answer")
  func halfClose() async throws {
    try await TestDoor.open { door in
      let whole = try await door.connect()
      try await whole.send(TestRequest.post())
      try await whole.finishSending()
      #expect(try await whole.response().status == 200)
      #expect(try await whole.rest() == "")

      let cut = try await door.connect()
      try await cut.send(TestRequest.head(fields: ["Content-Length: 100"]) + "{")
      try await cut.finishSending()
      #expect(try await cut.response().status == 400)
      #expect(try await cut.rest() == "")
    }
  }

  @Test("A connection that is cut off in the middle of a request is nobody's refused callback")
  func reset() async throws {
    // One more than the test needs, for the connection before, which the door may not know to be gone yet.
    try await TestDoor.open(limits: limits { $0.connections = 2 }) { door in
      for beginning in ["POST /call", TestRequest.head(fields: ["Content-Length: 100"]) + "{"] {
        let cut = try await door.connect()
        try await cut.send(TestRequest.head(method: "GET") + beginning)
        #expect(try await cut.response().status == 200)
        try await cut.reset()
        // Its place is free again once the door knows that it is gone.
        var status = 0
        while status != 200 { status = (try? await door.answer(to: TestRequest.post()).status) ?? 0 }
      }
      #expect(door.server.counts.rejected == 0)
      #expect(door.log.lines("refused a callback").isEmpty)
    }
  }

  @Test("An offer to speak another protocol is passed over, and the connection closes after the answer")
  func upgrade() async throws {
    try await TestDoor.open { door in
      let answer = try await door.answer(
        to: TestRequest.post(fields: [
          "Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c", "HTTP2-Settings: AAMAAABk",
        ]))
      #expect(answer.status == 200)
      #expect(answer.headers["connection"] == "close")
    }
  }

  @Test("Many connections are served at one time")
  func manyConnections() async throws {
    try await TestDoor.open { door in
      try await withThrowingTaskGroup(of: Int.self) { group in
        for _ in 0..<200 {
          group.addTask {
            let connection = try await door.connect()
            var taken = 0
            for _ in 0..<5 {
              try await connection.send(TestRequest.post())
              if try await connection.response().status == 200 { taken += 1 }
            }
            return taken
          }
        }
        let taken = try await group.reduce(0, +)
        #expect(taken == 1000)
      }
      #expect(door.server.counts.events == 3000)
    }
  }

  @Test("One connection too many is closed at once, and a place is free again when another closes")
  func connectionLimit() async throws {
    try await TestDoor.open(limits: limits { $0.connections = 1 }) { door in
      let first = try await door.connect()
      try await first.send(TestRequest.post())
      #expect(try await first.response().status == 200)
      #expect(try await door.connect().rest() == "")
      #expect(door.log.lines("refused a connection: too many are open").count == 1)
      try await first.close()
      var status = 0
      while status != 200 { status = (try? await door.answer(to: TestRequest.post()).status) ?? 0 }
    }
  }
}
