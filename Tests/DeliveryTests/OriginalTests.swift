import GatewayCore
import OpenSSLSigner
import TencentChat
import Testing

@Suite("A subscriber that takes callbacks as they came")
struct OriginalTests {
  static let ok = ScriptedTransport.Reply.answer(200, #"{"ActionStatus":"OK","ErrorCode":0,"ErrorInfo":""}"#)

  @Test("gets each callback once, to the byte and with its query, however many pairs it has")
  func onceAndWhole() async throws {
    try await DeliveryFixture.test { fixture in
      fixture.transport.answer { _ in Self.ok }
      try await fixture.apply([.original("a")])
      let callbacks = [1, 1000, 2].map { pairs in
        Callback(pairs: pairs, query: "&Sign=00&b=%2b+&a=&RequestTime=1&a=é")
      }
      var accepted: [Accepted] = []
      for callback in callbacks { accepted.append(try await fixture.accept(callback)) }
      try await fixture.settled("a")
      let attempts = fixture.transport.attempts(at: "a")
      #expect(attempts.count == 3)
      for (callback, batch) in zip(callbacks, accepted) {
        let attempt = try #require(attempts.first { $0.event == batch.batch })
        #expect(attempt.body == callback.body)
        let known = "CallbackCommand=\(callback.command)&OptPlatform=iOS&SdkAppid=1400000000"
        #expect(attempt.query == known + "&b=%2b+&a=&a=é")
        #expect(attempt["Content-Type"] == "application/json")
        #expect(attempt.number == 1)
      }
      try await eventually { try await fixture.status("a").delivered == 1003 }
      let status = try await fixture.status("a")
      #expect(status.backlogEvents == 0 && status.attempts == [.success: 3])
      #expect(
        fixture.metrics[#"switchyard_deliveries_total{subscriber="a",result="delivered"}"#] == 1003)
    }
  }

  @Test("gets the headers of any delivery, the signature over the batch id, and the gateway's mark")
  func headers() async throws {
    try await DeliveryFixture.test { fixture in
      fixture.transport.answer { _ in Self.ok }
      try await fixture.apply([.original("a")])
      let trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
      let callback = Callback(pairs: 2, traceparent: trace, via: Via(["first", "second"]))
      let accepted = try await fixture.accept(callback)
      try await fixture.settled("a")
      let attempt = try #require(fixture.transport.attempts(at: "a").first)
      #expect(
        attempt.headers.map(\.name) == [
          "User-Agent", "Content-Type", "webhook-id", "webhook-timestamp", "webhook-signature", "switchyard-attempt",
          "traceparent", "switchyard-via",
        ])
      #expect(attempt["webhook-id"] == accepted.batch)
      #expect(attempt["traceparent"] == trace)
      #expect(attempt["switchyard-via"] == "first,second,\(fixture.journal.mark.rawValue)")
      #expect(
        try WebhookVerifier(secrets: [Subscriber.secret]).verifies(
          signatures: attempt["webhook-signature"] ?? "", id: accepted.batch,
          timestamp: attempt["webhook-timestamp"] ?? "", body: callback.body))
    }
  }

  @Test("gets a callback if any of its events matches, and counts those that do")
  func match() async throws {
    try await DeliveryFixture.test { fixture in
      fixture.transport.answer { _ in Self.ok }
      try await fixture.apply([
        .original("some").with(\.match, .to("id7", "id8")), .original("none").with(\.match, .to("nobody")),
        .original("other").with(\.events, [EventPattern("friend.*")!]),
      ])
      let all = try await fixture.accept(.blocklist(pairs: 9))
      let one = try await fixture.accept(.blocklist(pairs: 8))
      try await fixture.accept(.blocklist(pairs: 7))
      for name in ["some", "none", "other"] { try await fixture.settled(name) }
      #expect(Set(fixture.transport.attempts(at: "some").map(\.event)) == [all.batch, one.batch])
      #expect(fixture.transport.attempts(at: "some").count == 2)
      #expect(fixture.transport.attempts(at: "none").isEmpty && fixture.transport.attempts(at: "other").isEmpty)
      try await eventually { try await fixture.status("some").delivered == 3 }
    }
  }

  @Test("gets a signature that is made anew at each attempt, with the first of the tokens in force")
  func signature() async throws {
    try await DeliveryFixture.test { fixture in
      let subscriber = Subscriber.original("a", retry: .slow)
      fixture.transport.answer { $0.number < 4 ? .status(500) : Self.ok }
      try await fixture.apply([subscriber], tokens: ["one", "two"])
      try await fixture.accept()
      for (number, tokens) in [["two", "one"], ["two"], []].enumerated() {
        try await eventually { try await fixture.retrying("a").map(\.attempts) == [number + 1] }
        try await fixture.apply([subscriber], tokens: tokens)
        fixture.clock.advance(by: .seconds(100))
      }
      try await fixture.settled("a")
      let attempts = fixture.transport.attempts(at: "a")
      #expect(attempts.count == 4)
      let queries = attempts.map { CallbackQuery($0.query ?? "") }
      for (attempt, (query, token)) in zip(attempts, zip(queries, ["one", "two", "two", nil])) {
        guard let token else {
          #expect(query.signature == nil && query.requestTime == nil)
          continue
        }
        #expect(query.requestTime == attempt["webhook-timestamp"])
        #expect(query.signature == Self.sign(token, query.requestTime ?? ""))
      }
      #expect(Set(queries.map(\.withoutCredentials)).count == 1)
    }
  }

  private static func sign(_ token: String, _ time: String) -> String {
    let hash = OpenSSLDigest().sha256([Array((token + time).utf8)])
    return hash.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }

  @Test(
    "has taken a callback by 200 with a JSON body alone, whatever that says",
    arguments: [
      (.answer(204, ""), "the answer was 204; only 200 with a JSON body takes a whole callback"),
      (.answer(202, "{}"), "the answer was 202; only 200 with a JSON body takes a whole callback"),
      (.answer(200, ""), "the answer has no body; only 200 with a JSON body takes a whole callback"),
      (.answer(200, "OK"), "the answer's body is not JSON: it has an unexpected byte at offset 0"),
      (.status(500), "the subscriber answered 500"),
    ] as [(ScriptedTransport.Reply, String)])
  func refusal(reply: ScriptedTransport.Reply, error: String) async throws {
    try await DeliveryFixture.test { fixture in
      fixture.transport.answer { $0.number == 1 ? reply : .answer(200, #"{"ActionStatus":"FAIL","ErrorCode":1}"#) }
      try await fixture.apply([.original("a", retry: .slow)])
      try await fixture.accept(.blocklist(pairs: 5))
      try await eventually { try await fixture.retrying("a").map(\.attempts) == [1] }
      let waiting = try #require(try await fixture.retrying("a").first)
      #expect(waiting.lastError == error)
      #expect(waiting.form == .original && waiting.eventCount == 5)
      fixture.clock.advance(by: .seconds(100))
      try await fixture.settled("a")
      let outcome = if case .answer = reply { AttemptOutcome.other } else { AttemptOutcome.http5xx }
      try await eventually { try await fixture.status("a").delivered == 5 }
      #expect(try await fixture.status("a").attempts == [outcome: 1, .success: 1])
    }
  }

  @Test("is not told apart from others by what they have to answer")
  func besideOthers() async throws {
    try await DeliveryFixture.test { fixture in
      fixture.transport.answer { _ in .answer(204, "") }
      try await fixture.apply([.sample("events"), .original("a", retry: .slow)])
      try await fixture.accept(.blocklist(pairs: 3))
      try await fixture.settled("events")
      #expect(fixture.transport.attempts(at: "events").allSatisfy { $0.query == nil && $0["switchyard-via"] == nil })
      try await eventually { try await fixture.retrying("a").count == 1 }
    }
  }
}

extension Subscriber {
  static func original(_ name: String, retry: RetryPolicy = .quick) -> Subscriber {
    .sample(name, retry: retry).with(\.format, .original)
  }
}
