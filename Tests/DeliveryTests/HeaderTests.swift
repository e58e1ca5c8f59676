import GatewayCore
import OpenSSLSigner
import Testing

@Suite("A delivery's headers")
struct HeaderTests {
  private static let second = Secret("whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=")

  @Test("say what it is, and sign it for this moment")
  func all() async throws {
    try await DeliveryFixture.test { fixture in
      let headers = [
        WebhookRequest.Header(name: "Authorization", value: Secret("Bearer abc")),
        WebhookRequest.Header(name: "X-Team", value: Secret("moderation")),
      ]
      try await fixture.apply([.sample("a", headers: headers)])
      let before = fixture.clock.now.seconds
      let accepted = try await fixture.accept()
      try await fixture.delivered([accepted], to: "a")
      let after = fixture.clock.now.seconds
      let attempt = try #require(fixture.transport.attempts(at: "a").first)
      #expect(attempt.endpoint.url == "http://hooks.example/a")
      #expect(attempt["Content-Type"] == "application/cloudevents+json; charset=utf-8")
      #expect(attempt["User-Agent"] == "Switchyard/test")
      #expect(attempt["webhook-id"] == accepted.events[0])
      #expect(attempt["switchyard-attempt"] == "1")
      #expect(attempt["Authorization"] == "Bearer abc")
      #expect(attempt["X-Team"] == "moderation")
      let timestamp = try #require(attempt["webhook-timestamp"].flatMap(Int64.init))
      #expect((before...after).contains(timestamp))
      #expect(try verifies(attempt, with: Subscriber.secret))
      #expect(try !verifies(attempt, with: Self.second))
      #expect(attempt.headers.count == 9)
    }
  }

  @Test("have a signature by each secret, in their order")
  func severalSecrets() async throws {
    try await DeliveryFixture.test { fixture in
      try await fixture.apply([.sample("a", secrets: [Subscriber.secret, Self.second])])
      try await fixture.delivered([try await fixture.accept()], to: "a")
      let attempt = try #require(fixture.transport.attempts(at: "a").first)
      #expect(attempt["webhook-signature"]?.split(separator: " ").count == 2)
      #expect(try verifies(attempt, with: Subscriber.secret))
      #expect(try verifies(attempt, with: Self.second))
    }
  }

  @Test("have no signature for a subscriber without secrets")
  func unsigned() async throws {
    try await DeliveryFixture.test { fixture in
      try await fixture.apply([.sample("a", secrets: [])])
      try await fixture.delivered([try await fixture.accept()], to: "a")
      let attempt = try #require(fixture.transport.attempts(at: "a").first)
      #expect(!attempt.headers.contains { $0.name.lowercased() == "webhook-signature" })
      #expect(attempt["webhook-timestamp"] != nil)
    }
  }

  @Test("are made anew for each attempt, but for the event's id")
  func eachAttempt() async throws {
    try await DeliveryFixture.test { fixture in
      try await fixture.apply([.sample("a", retry: .slow)])
      fixture.transport.answer { $0.number == 1 ? .status(500) : .success }
      let accepted = try await fixture.accept()
      try await eventually { try await !fixture.retrying("a").isEmpty }
      fixture.clock.advance(by: .seconds(100))
      try await fixture.delivered([accepted], to: "a")
      let attempts = fixture.transport.attempts(at: "a")
      #expect(attempts.map(\.number) == [1, 2])
      #expect(attempts.map(\.event) == [accepted.events[0], accepted.events[0]])
      #expect(attempts.map(\.body) == [accepted.bodies[0], accepted.bodies[0]])
      let times = attempts.compactMap { $0["webhook-timestamp"].flatMap(Int64.init) }
      #expect(times.count == 2 && times[1] - times[0] >= 100)
      for attempt in attempts { #expect(try verifies(attempt, with: Subscriber.secret)) }
    }
  }

  @Test("pass on the trace that the callback came with")
  func tracePassedOn() async throws {
    try await DeliveryFixture.test { fixture in
      let trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
      try await fixture.apply([.sample("a")])
      try await fixture.delivered([try await fixture.accept(Callback(pairs: 2, traceparent: trace))], to: "a")
      #expect(fixture.transport.attempts(at: "a").map { $0["traceparent"] } == [trace, trace])
    }
  }

  @Test("begin a trace where there was none: one a callback, a span an attempt")
  func traceMade() async throws {
    try await DeliveryFixture.test { fixture in
      try await fixture.apply([.sample("a")])
      try await fixture.delivered(try await fixture.accept(2, .blocklist(pairs: 2)), to: "a")
      let traces = fixture.transport.attempts(at: "a").compactMap { $0["traceparent"] }
      #expect(traces.count == 4)
      for trace in traces {
        #expect(trace.wholeMatch(of: /00-[0-9a-f]{32}-[0-9a-f]{16}-01/) != nil, "\(trace)")
      }
      #expect(Set(traces.map { $0.split(separator: "-")[1] }).count == 2)
      #expect(Set(traces.map { $0.split(separator: "-")[2] }).count == 4)
    }
  }

  private func verifies(_ attempt: Attempt, with secret: Secret) throws -> Bool {
    try WebhookVerifier(secrets: [secret]).verifies(
      signatures: attempt["webhook-signature"] ?? "", id: attempt["webhook-id"] ?? "",
      timestamp: attempt["webhook-timestamp"] ?? "", body: attempt.body)
  }
}
