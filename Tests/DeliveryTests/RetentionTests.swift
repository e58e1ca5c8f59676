import GatewayCore
import Testing

@testable import Delivery

@Suite("Retention")
struct RetentionTests {
  private let retain = Duration.seconds(1000)

  @Test("trims history that everybody has had once it is old enough")
  func trims() async throws {
    try await DeliveryFixture.test { fixture in
      try await fixture.apply([.sample("a"), .sample("b", events: ["friend.*"])])
      let old = try await fixture.accept(300)
      fixture.clock.advance(by: .seconds(900))
      let young = try await fixture.accept(10)
      try await fixture.delivered(old + young, to: "a")
      try await fixture.settled("b")
      let retention = fixture.retention(retain: retain)
      #expect(try await !retention.round())
      #expect(try await fixture.batches() == 310)
      fixture.clock.advance(by: .seconds(500))
      #expect(try await !retention.round())
      #expect(try await fixture.batches() == 10)
      fixture.clock.advance(by: .seconds(1000))
      #expect(try await !retention.round())
      #expect(try await fixture.batches() == 0)
    }
  }

  @Test("keeps what a lane has not had yet, however old")
  func keepsBacklog() async throws {
    try await DeliveryFixture.test { fixture in
      let paused = Subscriber.sample("slow", paused: true)
      try await fixture.apply([.sample("a"), paused])
      let accepted = try await fixture.accept(10, .blocklist(pairs: 3))
      try await fixture.delivered(accepted, to: "a")
      fixture.clock.advance(by: .seconds(5000))
      let retention = fixture.retention(retain: retain)
      _ = try await retention.round()
      #expect(try await fixture.batches() == 10)
      try await fixture.apply([.sample("a"), paused.with(\.paused, false)])
      try await fixture.delivered(accepted, to: "slow")
      _ = try await retention.round()
      #expect(try await fixture.batches() == 0)
    }
  }

  @Test("keeps what is retried and what is dead")
  func keepsExceptions() async throws {
    try await DeliveryFixture.test { fixture in
      try await fixture.apply([.sample("a", retry: RetryPolicy(delays: [.seconds(8000)], jitter: 0))])
      var accepted: [Accepted] = []
      for _ in 0..<10 { accepted.append(try await fixture.accept(.blocklist(pairs: 3))) }
      fixture.transport.answer { _ in .success }
      try await fixture.delivered(accepted, to: "a")
      fixture.transport.answer { $0.number > 1 ? .success : $0.event.hasSuffix("-1") ? .status(500) : .status(422) }
      let retried = try await fixture.accept(.blocklist(pairs: 2))
      try await eventually { try await fixture.ended("a").count == 1 }
      try await eventually { try await fixture.retrying("a").count == 1 }
      fixture.clock.advance(by: .seconds(5000))
      let retention = fixture.retention(retain: retain)
      _ = try await retention.round()
      #expect(try await fixture.batches() == 1)
      fixture.clock.advance(by: .seconds(4000))
      try await eventually { fixture.transport.delivered(to: "a").contains(retried.events[1]) }
      try await fixture.settled("a")
      _ = try await retention.round()
      #expect(try await fixture.batches() == 1, "the dead letter is still there")
    }
  }

  @Test("keeps a removed subscriber's backlog until it is forgotten")
  func forgets() async throws {
    try await DeliveryFixture.test { fixture in
      let paused = Subscriber.sample("gone", keep: .seconds(10_000), paused: true)
      try await fixture.apply([.sample("a"), paused])
      let accepted = try await fixture.accept(10)
      try await fixture.delivered(accepted, to: "a")
      try await fixture.apply([.sample("a")])
      let retention = fixture.retention(retain: retain)
      fixture.clock.advance(by: .seconds(9000))
      _ = try await retention.round()
      #expect(try await fixture.journal.lanes().map(\.subscriber) == ["a", "gone"])
      #expect(try await fixture.batches() == 10)
      fixture.clock.advance(by: .seconds(1100))
      _ = try await retention.round()
      #expect(try await fixture.journal.lanes().map(\.subscriber) == ["a"])
      _ = try await retention.round()
      #expect(try await fixture.batches() == 0)
    }
  }

  @Test("forgets a lane that the routes did not name when the process started")
  func forgetsUnknown() async throws {
    try await DeliveryFixture.test { fixture in
      try await fixture.apply([.sample("a"), .sample("gone")])
      try await fixture.restart([.sample("a")])
      #expect(try await fixture.lane("gone").forgetAt != nil)
      let retention = fixture.retention(retain: retain)
      fixture.clock.advance(by: .seconds(6 * 86_400))
      _ = try await retention.round()
      #expect(try await fixture.journal.lanes().count == 2)
      fixture.clock.advance(by: .seconds(86_500))
      _ = try await retention.round()
      #expect(try await fixture.journal.lanes().map(\.subscriber) == ["a"])
    }
  }

  @Test("runs by itself until it is stopped")
  func runs() async throws {
    try await DeliveryFixture.test { fixture in
      try await fixture.apply([.sample("a")])
      try await fixture.delivered(try await fixture.accept(10), to: "a")
      fixture.clock.advance(by: .seconds(2000))
      let retention = fixture.retention(retain: retain)
      let running = Task { await retention.run() }
      try await eventually { try await fixture.batches() == 0 }
      await retention.stop()
      running.cancel()
      await running.value
    }
  }
}

extension DeliveryFixture {
  /// How many batches the journal holds.
  func batches() async throws -> Int {
    var count = 0
    var start = SequenceNumber.first
    while start < journal.head.next {
      let page = try await journal.read(from: start, limit: ReadLimit(batches: 256, bytes: 1 << 30)) { _ in true }
      count += page.batches.count
      start = page.through
    }
    return count
  }
}
