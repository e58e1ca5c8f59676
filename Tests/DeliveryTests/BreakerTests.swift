import GatewayCore
import Testing

@Suite("A subscriber that is down")
struct BreakerTests {
  private static let policy = BreakerPolicy(openAfter: 5, probeEvery: .seconds(30))

  @Test("uses up no attempts, no rows and no memory, however many events come, and then gets all of them")
  func million() async throws {
    try await DeliveryFixture.test { fixture in
      let subscriber = Subscriber.sample("a", concurrency: 4, breaker: Self.policy)
      fixture.transport.answer { _ in .refused }
      try await fixture.apply([subscriber])
      try await fixture.accept(20)
      try await eventually { try await fixture.status("a").state == .open }
      try await eventually("what was in flight is recorded") {
        // No two settlements come at the same moment.
        fixture.clock.advance(by: .milliseconds(20))
        let retrying = try await fixture.retrying("a").count
        return try await fixture.status("a").inFlight == 0 && retrying == fixture.transport.attempts(at: "a").count
      }
      let before = try await fixture.lane("a")
      let rows = try await fixture.retrying("a")
      let attempts = fixture.transport.attempts(at: "a").count
      #expect(attempts <= 5 + 3)
      try await fixture.fill(1000, .blocklist(pairs: 1000))
      #expect(try await fixture.lane("a").cursor == before.cursor)
      #expect(try await fixture.retrying("a") == rows)
      #expect(try await fixture.status("a").backlogEvents == 1_000_020)
      #expect(fixture.transport.attempts(at: "a").count == attempts)
      for probe in 1...4 {
        fixture.clock.advance(by: .seconds(31))
        try await eventually("probe \(probe)") { fixture.transport.attempts(at: "a").count == attempts + probe }
        try await eventually { try await fixture.status("a").inFlight == 0 }
      }
      let probes = fixture.transport.attempts(at: "a").suffix(4).map(\.number)
      #expect(probes == [1, 2, 1, 2])
      #expect(try await fixture.retrying("a") == rows)
      #expect(try await fixture.lane("a").cursor == before.cursor)
    }
  }

  @Test("gets its backlog oldest first once it is up, never more at once than its concurrency")
  func recovery() async throws {
    try await DeliveryFixture.test { fixture in
      let subscriber = Subscriber.sample("a", concurrency: 4, breaker: Self.policy)
      fixture.transport.answer { _ in .refused }
      try await fixture.apply([subscriber, .sample("b")])
      var accepted = [try await fixture.accept(.blocklist(pairs: 50))]
      try await eventually { try await fixture.status("a").state == .open }
      accepted += try await fixture.accept(200)
      fixture.transport.answer { _ in .success }
      fixture.clock.advance(by: .seconds(31))
      try await fixture.delivered(accepted, to: "a")
      try await eventually { try await fixture.status("a").state == .closed }
      #expect(fixture.transport.peak(at: "a") <= 4)
      #expect(try await fixture.lane("a").clock.heldSince == nil)
    }
  }

  @Test("is not what a subscriber is of whose events a few always fail")
  func poison() async throws {
    try await DeliveryFixture.test { fixture in
      let subscriber = Subscriber.sample("a", concurrency: 1, breaker: Self.policy)
      try await fixture.apply([subscriber])
      let poison = try await fixture.accept(.blocklist(pairs: 4))
      let ids = Set(poison.events)
      fixture.transport.answer { ids.contains($0.event) ? .status(500) : .success }
      var healthy: [Accepted] = []
      for round in 1...20 {
        try await eventually("the poison is tried again") {
          fixture.clock.advance(by: .milliseconds(20))
          return fixture.transport.attempts(at: "a").count { ids.contains($0.event) } > 10 * round
        }
        healthy.append(try await fixture.accept())
        try await eventually("a healthy one passes") {
          Set(fixture.transport.delivered(to: "a")).isSuperset(of: healthy.flatMap(\.events))
        }
        #expect(try await fixture.status("a").state == .closed)
      }
      fixture.transport.answer { _ in .success }
      try await fixture.delivered([poison] + healthy, to: "a")
    }
  }

  @Test("does not lose its place, nor what it has failed with, over a restart")
  func restart() async throws {
    try await DeliveryFixture.test { fixture in
      let subscriber = Subscriber.sample("a", breaker: Self.policy)
      fixture.transport.answer { _ in .status(503) }
      try await fixture.apply([subscriber])
      var accepted = try await fixture.accept(100)
      try await eventually { try await fixture.status("a").state == .open }
      try await fixture.restart([subscriber])
      accepted += try await fixture.accept(100)
      try await eventually { try await fixture.status("a").state == .open }
      fixture.transport.answer { _ in .success }
      fixture.clock.advance(by: .seconds(31))
      try await fixture.delivered(accepted, to: "a")
    }
  }
}
