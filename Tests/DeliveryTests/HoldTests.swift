import GatewayCore
import Testing

@Suite("A subscriber that asks to be left alone")
struct HoldTests {
  @Test("is sent nothing until Retry-After is over, also over a restart, and then everything")
  func retryAfter() async throws {
    try await DeliveryFixture.test { fixture in
      let subscriber = Subscriber.sample("a")
      fixture.transport.answer { _ in .retryAfter(503, .seconds(600)) }
      try await fixture.apply([subscriber, .sample("b", host: "other.example")])
      fixture.transport.answer { $0.subscriber == "a" ? .retryAfter(503, .seconds(600)) : .success }
      var accepted = try await fixture.accept(50)
      try await eventually { try await fixture.status("a").state == .held }
      try await eventually { try await fixture.lane("a").hold.until != nil }
      try await eventually { try await fixture.status("a").inFlight == 0 }
      let attempts = fixture.transport.attempts(at: "a").count
      #expect(attempts <= 16)
      try await fixture.restart([subscriber, .sample("b", host: "other.example")])
      accepted += try await fixture.accept(50)
      fixture.clock.advance(by: .seconds(500))
      try await fixture.delivered(accepted, to: "b")
      #expect(fixture.transport.attempts(at: "a").count == attempts)
      #expect(try await fixture.status("a").state == .held)
      fixture.transport.answer { _ in .success }
      fixture.clock.advance(by: .seconds(101))
      try await fixture.delivered(accepted, to: "a")
      #expect(try await fixture.lane("a").hold == LaneHold())
    }
  }

  @Test("uses up none of its deliveries' time while it is held")
  func heldTimeIsFree() async throws {
    try await DeliveryFixture.test { fixture in
      let policy = RetryPolicy(
        delays: [.seconds(1)], jitter: 0, giveUpAfter: .seconds(60), retryAfterMax: .seconds(3600))
      fixture.transport.answer { $0.number < 4 ? .retryAfter(429, .seconds(1000)) : .success }
      try await fixture.apply([.sample("a", retry: policy)])
      let accepted = try await fixture.accept()
      for attempt in 1...3 {
        try await eventually { try await fixture.status("a").state == .held }
        try await eventually { try await fixture.retrying("a").map(\.attempts) == [attempt] }
        fixture.clock.advance(by: .seconds(1001))
        try await eventually { fixture.transport.attempts(at: "a").count > attempt }
      }
      try await fixture.delivered([accepted], to: "a")
    }
  }

  @Test("after 410 is sent nothing until it gets another URL, over restarts; the event that got it is still owed")
  func gone() async throws {
    try await DeliveryFixture.test { fixture in
      let subscriber = Subscriber.sample("a", concurrency: 1)
      fixture.transport.answer { _ in .status(410) }
      try await fixture.apply([subscriber])
      let accepted = try await fixture.accept(20)
      try await eventually { try await fixture.status("a").state == .paused }
      #expect(try await fixture.status("a").reason?.contains("410") == true)
      try await eventually { try await fixture.lane("a").hold.goneURL != nil }
      #expect(try await fixture.retrying("a").isEmpty)
      try await fixture.restart([subscriber])
      fixture.clock.advance(by: .seconds(100_000))
      try await eventually { try await fixture.status("a").state == .paused }
      try await fixture.apply([subscriber.with(\.concurrency, 2)])
      #expect(fixture.transport.attempts(at: "a").count == 1)
      fixture.transport.answer { _ in .success }
      try await fixture.apply([subscriber.with(\.endpoint.url, "http://new.example/a")])
      try await fixture.delivered(accepted, to: "a")
      #expect(fixture.transport.attempts(at: "a").map(\.number).allSatisfy { $0 == 1 })
    }
  }

  @Test("after 410 is sent everything again when it has been paused in the routes and resumed")
  func resumed() async throws {
    try await DeliveryFixture.test { fixture in
      let subscriber = Subscriber.sample("a", concurrency: 1)
      fixture.transport.answer { _ in .status(410) }
      try await fixture.apply([subscriber])
      let accepted = try await fixture.accept(5)
      try await eventually { try await fixture.lane("a").hold.goneURL != nil }
      fixture.transport.answer { _ in .success }
      try await fixture.apply([subscriber.with(\.paused, true)])
      #expect(fixture.transport.attempts(at: "a").count == 1)
      try await fixture.apply([subscriber])
      try await fixture.delivered(accepted, to: "a")
    }
  }
}
