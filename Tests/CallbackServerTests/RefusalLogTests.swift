import Testing

@Suite("The log of refused callbacks")
struct RefusalLogTests {
  @Test("Holds ten lines a second of a reason and then a count, and never a query")
  func bound() async throws {
    try await TestDoor.open(apps: [TestDoor.signed]) { door in
      let connection = try await door.connect()
      let request = TestRequest.head(query: TestRequest.query + "&Sign=cafe&RequestTime=1")
      let start = ContinuousClock.now
      for _ in 0..<50 {
        try await connection.send(request)
        #expect(try await connection.response().status == 401)
      }
      try await connection.send(TestRequest.head(query: "SdkAppid=7"))
      #expect(try await connection.response().status == 403)

      let counted = try await eventually { !door.log.lines("refused callbacks not logged").isEmpty }
      #expect(counted)
      let lines = door.log.lines("refused a callback").filter { $0.metadata["reason"] == "bad_signature" }
      let held = door.log.lines("refused callbacks not logged").compactMap { $0.metadata["count"].flatMap { Int($0) } }
      #expect(lines.count + held.reduce(0, +) == 50)
      // Ten in the first second, and ten more in each that this machine has needed since.
      let seconds = Int((ContinuousClock.now - start).components.seconds)
      #expect((10...10 * (seconds + 2)).contains(lines.count))
      let line = try #require(lines.first)
      #expect(line.metadata == ["app": "1400000000", "reason": "bad_signature", "peer": "127.0.0.1", "status": "401"])
      let stranger = door.log.lines("refused a callback").filter { $0.metadata["reason"] == "unknown_app" }
      #expect(stranger.map { $0.metadata["app"] } == ["unknown"])
      #expect(!door.log.text.contains("cafe"))
      #expect(!door.log.text.contains("CallbackCommand"))
    }
  }

  @Test(
    "Says of a malformed callback what is wrong, in the words of its answer, and holds nothing of the body",
    arguments: [
      (TestRequest.post(body: #"{"hush":hush}"#), "has an unexpected byte at offset 8."),
      (TestRequest.post(body: #"{"hush":"#), "has an unexpected end at offset 8."),
      (TestRequest.post(query: "SdkAppid=1400000000", body: #"{"hush":1}"#), "names a CallbackCommand."),
      ("hush hush\r\n\r\n", "The request is not valid HTTP/1.1."),
    ])
  func cause(request: String, cause: String) async throws {
    try await TestDoor.open { door in
      let answer = try await door.answer(to: request)
      #expect(answer.status == 400)
      let line = try #require(door.log.lines("refused a callback").first)
      #expect(line.metadata["reason"] == "malformed")
      let error = try #require(line.metadata["error"])
      #expect(error.hasSuffix(cause))
      #expect(answer.body.contains(error))
      #expect(!door.log.text.contains("hush"))
    }
  }
}
