import CallbackServer
import GatewayCore
import Logging
import Synchronization
import Testing

@Suite("Callbacks on their way into the journal")
struct CallbackAcceptanceTests {
  @Test("The journal gets the callback as it came, without its credentials")
  func record() async throws {
    try await TestDoor.open(apps: [TestDoor.signed]) { door in
      let traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
      let query = "Extra=1&Sign=\(TestDoor.sign)&\(TestRequest.query)&RequestTime=1669872112"
      let fields = ["Traceparent: \(traceparent)", "switchyard-via: a, b"]
      let answer = try await door.answer(to: TestRequest.post(query: query, fields: fields))
      #expect(answer.status == 200)
      let batch = try #require(door.journal.batches.first)
      #expect(batch.eventCount == 3)
      #expect(batch.receivedAt == TestDoor.now)
      let record = try #require(CallbackRecord(decoding: batch.payload))
      #expect(record.query == "Extra=1&" + TestRequest.query)
      #expect(record.peer == "127.0.0.1")
      #expect(record.traceparent == traceparent)
      #expect(record.via == Via(["a,b"]))
      #expect(record.body == Array(TestRequest.body.utf8))
    }
  }

  @Test("The answer waits for the journal")
  func waits() async throws {
    let held = HeldAppends()
    try await TestDoor.open(journal: FakeJournal(answer: held.hold)) { door in
      let connection = try await door.connect()
      try await connection.send(TestRequest.post())
      #expect(try await eventually { held.count == 1 })
      #expect(door.server.counts.accepted == 0)
      held.release()
      #expect(try await connection.response().status == 200)
      #expect(door.server.counts.accepted == 1)
    }
  }

  @Test("The journal's deadline counts from the last byte of the body")
  func deadline() async throws {
    let deadline = Mutex<ContinuousClock.Instant?>(nil)
    let journal = FakeJournal { _, given in
      deadline.withLock { $0 = given }
      return .success(.appended(.first))
    }
    try await TestDoor.open(journal: journal) { door in
      let connection = try await door.connect()
      try await connection.send(TestRequest.head(fields: ["Content-Length: \(TestRequest.body.utf8.count)"]))
      let lastByte = ContinuousClock.now
      try await connection.send(TestRequest.body)
      #expect(try await connection.response().status == 200)
      let given = try #require(deadline.withLock { $0 })
      #expect(given >= lastByte + .milliseconds(1500))
      #expect(given <= .now + .milliseconds(1500))
    }
  }

  @Test(
    "A journal that cannot is answered 503, and the connection stays",
    arguments: [JournalError.deadlineExceeded, .full, .closed, .unavailable("the disk is on fire")])
  func journalFails(error: JournalError) async throws {
    try await TestDoor.open(journal: FakeJournal { _, _ in .failure(error) }) { door in
      let connection = try await door.connect()
      for _ in 0..<2 {
        try await connection.send(TestRequest.post())
        let answer = try await connection.response()
        #expect(answer.status == 503)
        #expect(answer.headers["connection"] == nil)
        #expect(answer.body.contains(#""ActionStatus":"FAIL""#))
      }
      #expect(door.rejected(.journalUnavailable) == 2)
      #expect(door.server.counts == (0, 0, 2, 0))
      let line = try #require(door.log.lines("refused a callback").first)
      #expect(line.level == .warning)
      #expect(line.metadata["error"] == error.description)
    }
  }

  @Test("A repeat is answered as the first was and counted as a duplicate")
  func duplicate() async throws {
    try await TestDoor.open(journal: FakeJournal { _, _ in .success(.duplicate(of: .first)) }) { door in
      let answer = try await door.answer(to: TestRequest.post())
      #expect(answer.status == 200)
      #expect(answer.body == TestRequest.okBody)
      #expect(door.server.counts == (0, 1, 0, 0))
      #expect(door.metrics[#"switchyard_callbacks_duplicate_total{app="1400000000"}"#] == 1)
    }
  }

  @Test("A callback with nothing in its batch field is answered OK without the journal")
  func empty() async throws {
    try await TestDoor.open { door async throws in
      #expect(try await door.answer(to: TestRequest.post(body: #"{"PairList":[]}"#)).status == 200)
      #expect(door.journal.batches.isEmpty)
      #expect(door.server.counts == (1, 0, 0, 0))
    }
  }

  @Test("A callback of an odd shape is taken whole and counted so")
  func unsplit() async throws {
    try await TestDoor.open { door async throws in
      let query = TestRequest.query.replacing("Sns.CallbackBlackListAdd", with: "New.Command")
      #expect(try await door.answer(to: TestRequest.post(query: query, body: "{}")).status == 200)
      let app = #"app="1400000000""#
      #expect(door.metrics["switchyard_callbacks_unsplit_total{\(app),reason=\"unknown_command\"}"] == 1)
      #expect(
        door.metrics["switchyard_events_accepted_total{\(app),type=\"com.tencent.chat.callback\"}"] == 1)
    }
  }

  @Test("A callback whose sender has gone meanwhile is taken all the same, and its memory given back")
  func senderGone() async throws {
    let held = HeldAppends()
    let body = TestRequest.body
    let memory = ByteSize(bytes: body.utf8.count)
    try await TestDoor.open(journal: FakeJournal(answer: held.hold), ingestMemory: memory) { door in
      let connection = try await door.connect()
      try await connection.send(TestRequest.post())
      #expect(try await eventually { held.count == 1 })
      try await connection.close()
      held.release()
      #expect(try await eventually { door.server.counts.accepted == 1 })
      #expect(try await door.answer(to: TestRequest.post()).status == 200)
    }
  }

  @Test("Bodies and waiting appends share the memory; beyond it callbacks are refused")
  func overloaded() async throws {
    let held = HeldAppends()
    let memory = ByteSize(bytes: 2 * TestRequest.body.utf8.count + 10)
    try await TestDoor.open(journal: FakeJournal(answer: held.hold), ingestMemory: memory) { door in
      var waiting: [TestConnection] = []
      for _ in 0..<2 {
        let connection = try await door.connect()
        try await connection.send(TestRequest.post())
        waiting.append(connection)
      }
      #expect(try await eventually { held.count == 2 })
      let refused = try await door.connect()
      try await refused.send(TestRequest.post())
      let answer = try await refused.response()
      #expect(answer.status == 503)
      #expect(answer.headers["connection"] == "close")
      #expect(door.rejected(.overloaded) == 1)
      held.release()
      for connection in waiting { #expect(try await connection.response().status == 200) }
      #expect(try await door.answer(to: TestRequest.post()).status == 200)
    }
  }

  @Test("Heads that do not end share a memory of their own; beyond it they are refused, and whole ones are not")
  func unfinishedHeads() async throws {
    var limits = CallbackServerLimits()
    limits.unfinishedHeadsSize = 3000
    try await TestDoor.open(limits: limits) { door in
      let part = "POST /callback?" + String(repeating: "a", count: 1385)
      let first = try await door.connect()
      try await first.send(part)
      let second = try await door.connect()
      try await second.send(part)
      // Both are in once what comes third has to go.
      let refused = try await door.connect()
      try await refused.send(part)
      let refusals = [first, second, refused].map { connection in Task { try await connection.response().status } }
      #expect(try await eventually { door.rejected(.overloaded, app: "unknown") == 1 })
      #expect(try await door.answer(to: TestRequest.post()).status == 200)
      try await first.close()
      try await second.close()
      try await refused.close()
      var statuses: [Int] = []
      for refusal in refusals { if let status = try? await refusal.value { statuses.append(status) } }
      #expect(statuses == [503])

      let again = try await door.connect()
      try await again.send(part)
      try await again.send(" HTTP/1.1\r\nHost: gateway\r\n\r\n")
      #expect(try await again.response().status == 403)
    }
  }

  @Test("A body that is cut off gives its memory back")
  func abandonedBody() async throws {
    let memory = ByteSize(bytes: TestRequest.body.utf8.count)
    try await TestDoor.open(ingestMemory: memory) { door in
      let connection = try await door.connect()
      try await connection.send(TestRequest.head(fields: ["Content-Length: 1000"]) + "{{{{{{{{{{{{{{{{{{{{{{")
      try await connection.close()
      #expect(try await eventually { door.server.counts.rejected == 1 })
      #expect(try await door.answer(to: TestRequest.post()).status == 200)
    }
  }
}
