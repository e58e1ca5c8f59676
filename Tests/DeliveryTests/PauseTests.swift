import GatewayCore
import Testing

@Suite("A paused subscriber")
struct PauseTests {
  @Test("is sent nothing until it is no longer paused, and then everything")
  func holdsAndReleases() async throws {
    try await DeliveryFixture.test { fixture in
      let paused = Subscriber.sample("a", paused: true)
      try await fixture.apply([paused, .sample("b")])
      let before = try await fixture.lane("a").cursor
      let accepted = try await fixture.accept(20, .blocklist(pairs: 3))
      try await fixture.delivered(accepted, to: "b")
      #expect(fixture.transport.attempts(at: "a").isEmpty)
      #expect(try await fixture.lane("a").cursor == before)
      let status = try await fixture.status("a")
      #expect(status.state == .paused)
      #expect(status.backlogEvents == 60)
      try await fixture.apply([paused.with(\.paused, false), .sample("b")])
      try await fixture.delivered(accepted, to: "a")
    }
  }

  @Test("stays paused over a restart")
  func restart() async throws {
    try await DeliveryFixture.test { fixture in
      let paused = Subscriber.sample("a", paused: true)
      try await fixture.apply([paused])
      var accepted = try await fixture.accept(5)
      try await fixture.restart([paused, .sample("b")])
      accepted += try await fixture.accept(5)
      try await fixture.delivered(Array(accepted.suffix(5)), to: "b")
      #expect(fixture.transport.attempts(at: "a").isEmpty)
      try await fixture.apply([paused.with(\.paused, false), .sample("b")])
      try await fixture.delivered(accepted, to: "a")
    }
  }

  @Test("lets attempts in flight end, and they are recorded")
  func inFlight() async throws {
    try await DeliveryFixture.test { fixture in
      fixture.transport.answer { _ in .held }
      let subscriber = Subscriber.sample("a", concurrency: 3, retry: .slow)
      try await fixture.apply([subscriber])
      let accepted = try await fixture.accept(.blocklist(pairs: 10))
      try await eventually { fixture.transport.inFlight(at: "a") == 3 }
      try await fixture.apply([subscriber.with(\.paused, true)])
      fixture.transport.release(with: .success) { !$0.event.hasSuffix("-1") }
      fixture.transport.release(with: .status(500))
      try await eventually { try await fixture.lane("a").cursor == accepted.first + 3 }
      #expect(try await fixture.retrying("a").map(\.first) == [accepted.first + 1])
      #expect(fixture.transport.attempts(at: "a").count == 3)
      fixture.transport.answer { _ in .success }
      try await fixture.apply([subscriber])
      fixture.clock.advance(by: .seconds(100))
      try await fixture.delivered([accepted], to: "a")
      #expect(fixture.transport.attempts(at: "a").count == 11)
    }
  }

  @Test("uses up none of its deliveries' time, nor does a restart in between")
  func heldTimeIsFree() async throws {
    try await DeliveryFixture.test { fixture in
      let policy = RetryPolicy(delays: [.seconds(100)], jitter: 0, giveUpAfter: .seconds(1000))
      let subscriber = Subscriber.sample("a", retry: policy)
      let paused = subscriber.with(\.paused, true)
      try await fixture.apply([subscriber])
      fixture.transport.answer { $0.number < 3 ? .status(500) : .success }
      let accepted = try await fixture.accept()
      try await eventually { try await fixture.retrying("a").map(\.attempts) == [1] }
      try await fixture.apply([paused])
      try await eventually("its clock stands still") { try await fixture.lane("a").clock.heldSince != nil }
      fixture.clock.advance(by: .seconds(5000))
      try await fixture.restart([paused])
      fixture.clock.advance(by: .seconds(5000))
      #expect(fixture.transport.attempts(at: "a").count == 1)
      try await fixture.apply([subscriber])
      try await eventually { try await fixture.retrying("a").map(\.attempts) == [2] }
      fixture.clock.advance(by: .seconds(100))
      try await fixture.delivered([accepted], to: "a")
    }
  }

  @Test("whose retries were loaded already is sent none of them")
  func loadedRetries() async throws {
    try await DeliveryFixture.test { fixture in
      let subscriber = Subscriber.sample("a", concurrency: 1)
      try await fixture.apply([subscriber])
      fixture.transport.answer { $0.number == 1 ? .status(500) : .held }
      let accepted = try await fixture.accept(.blocklist(pairs: 20))
      try await eventually("a retry is under way") { fixture.transport.release(with: .status(500)) > 0 }
      try await fixture.apply([subscriber.with(\.paused, true), .sample("b")])
      try await eventually("nothing is in flight") {
        fixture.transport.release(with: .status(500))
        return try await fixture.status("a").inFlight == 0
      }
      let attempts = fixture.transport.attempts(at: "a").count
      fixture.transport.answer { _ in .success }
      try await fixture.delivered([try await fixture.accept()], to: "b")
      #expect(fixture.transport.attempts(at: "a").count == attempts)
      try await fixture.apply([subscriber, .sample("b")])
      try await eventually {
        Set(fixture.transport.delivered(to: "a")).isSuperset(of: accepted.events)
      }
    }
  }
}
