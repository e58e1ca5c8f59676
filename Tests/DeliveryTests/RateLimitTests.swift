import GatewayCore
import Testing

@Suite("Deliveries under a rate limit")
struct RateLimitTests {
  private func subscriber(_ limit: String?, concurrency: Int = 16) -> Subscriber {
    Subscriber.sample("a", concurrency: concurrency).with(\.rateLimit, limit.flatMap { RateLimit(text: $0) })
  }

  @Test("come no faster than it says, retries among them, and all of them come")
  func pace() async throws {
    try await DeliveryFixture.test { fixture in
      fixture.clock.stop()
      try await fixture.apply([subscriber("20/s")])
      fixture.transport.answer { $0.number == 1 && $0.event.hasSuffix("-3") ? .status(500) : .success }
      let accepted = try await fixture.accept(.blocklist(pairs: 30))
      var passed = 0
      try await eventually("all are delivered") {
        // One token at the start, then one each 50 ms.
        #expect(fixture.transport.attempts(at: "a").count <= 1 + passed / 50)
        passed += 10
        fixture.clock.advance(by: .milliseconds(10))
        return fixture.transport.delivered(to: "a").count == 30
      }
      #expect(fixture.transport.attempts(at: "a").count == 31)
      try await fixture.delivered([accepted], to: "a")
    }
  }

  @Test("gain nothing by a reload")
  func reload() async throws {
    try await DeliveryFixture.test { fixture in
      fixture.clock.stop()
      try await fixture.apply([subscriber("1/m")])
      let accepted = try await fixture.accept(.blocklist(pairs: 5))
      try await eventually { fixture.transport.delivered(to: "a").count == 1 }
      for concurrency in 1...5 {
        try await fixture.apply([subscriber(concurrency.isMultiple(of: 2) ? "2/m" : "1/m", concurrency: concurrency)])
      }
      // Housekeeping at once a second has passed several times over.
      for _ in 0..<20 {
        fixture.clock.advance(by: .milliseconds(100))
        try await Task.sleep(for: .milliseconds(5))
      }
      #expect(fixture.transport.attempts(at: "a").count == 1)
      try await fixture.apply([subscriber(nil)])
      try await fixture.delivered([accepted], to: "a")
    }
  }

  @Test("of other subscribers know nothing of it")
  func isolation() async throws {
    try await DeliveryFixture.test { fixture in
      try await fixture.apply([subscriber("1/h"), .sample("b")])
      let accepted = try await fixture.accept(20, .blocklist(pairs: 5))
      try await fixture.delivered(accepted, to: "b")
      #expect(fixture.transport.attempts(at: "a").count <= 1)
    }
  }
}
