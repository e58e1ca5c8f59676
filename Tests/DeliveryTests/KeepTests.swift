import GatewayCore
import Testing

@Suite("What has been kept long enough")
struct KeepTests {
  @Test("expires if it is undelivered, counted and as one range, and the lane goes on")
  func expires() async throws {
    try await DeliveryFixture.test { fixture in
      let paused = Subscriber.sample("a", events: ["blocklist.*"], keep: .seconds(10_000), paused: true)
      try await fixture.apply([paused, .sample("b")])
      let old = try await fixture.accept(10, .blocklist(pairs: 3))
      let others = try await fixture.accept(10, .friend(pairs: 3))
      fixture.clock.advance(by: .seconds(9000))
      let young = try await fixture.accept(2, .blocklist(pairs: 3))
      #expect(try await fixture.ended("a").isEmpty)
      fixture.clock.advance(by: .seconds(2000))
      try await eventually("it has expired") { try await fixture.ended("a").count == 1 }
      let range = try #require(try await fixture.ended("a").first)
      #expect(range.state == .expired)
      #expect(range.eventCount == 30)
      #expect(range.first == old[0].first)
      #expect(range.last == SequenceNumber(rawValue: young[0].first.rawValue - 1))
      try await eventually { try await fixture.lane("a").cursor == young[0].first }
      let status = try await fixture.status("a")
      #expect(status.expired == 30)
      #expect(status.backlogEvents == 6)
      #expect(fixture.metrics[#"switchyard_deliveries_total{subscriber="a",result="expired"}"#] == 30)
      try await fixture.apply([paused.with(\.paused, false), .sample("b")])
      try await fixture.delivered(young, to: "a")
      try await fixture.delivered(old + others + young, to: "b")
    }
  }

  @Test("expires if it is still retried")
  func expiresRetries() async throws {
    try await DeliveryFixture.test { fixture in
      let policy = RetryPolicy(delays: [.seconds(100_000)], jitter: 0, giveUpAfter: .seconds(1_000_000))
      try await fixture.apply([.sample("a", retry: policy, keep: .seconds(10_000))])
      fixture.transport.answer { $0.event.hasSuffix("-1") ? .status(500) : .success }
      let accepted = try await fixture.accept(5, .blocklist(pairs: 2))
      try await eventually { try await fixture.retrying("a").count == 5 }
      fixture.clock.advance(by: .seconds(11_000))
      try await eventually("they have expired") {
        fixture.clock.advance(by: .seconds(1))
        return try await fixture.retrying("a").isEmpty
      }
      #expect(try await fixture.ended("a").map(\.eventCount) == [5])
      #expect(try await fixture.ended("a").map(\.state) == [.expired])
      try await eventually { try await fixture.status("a").retriesWaiting == 0 }
      #expect(try await fixture.status("a").backlogEvents == 0)
      #expect(fixture.transport.delivered(to: "a").count == accepted.count)
    }
  }

  @Test("is deleted if it is a dead letter")
  func deletesDeadLetters() async throws {
    try await DeliveryFixture.test { fixture in
      try await fixture.apply([.sample("a", keep: .seconds(10_000))])
      fixture.transport.answer { _ in .status(422) }
      try await fixture.accept(5)
      try await eventually { try await fixture.ended("a").count == 5 }
      fixture.clock.advance(by: .seconds(9000))
      fixture.transport.answer { _ in .success }
      try await fixture.accept()
      try await fixture.settled("a")
      #expect(try await fixture.ended("a").count == 5)
      fixture.clock.advance(by: .seconds(2000))
      try await eventually("they are deleted") {
        fixture.clock.advance(by: .seconds(1))
        return try await fixture.ended("a").isEmpty
      }
      try await eventually {
        fixture.clock.advance(by: .milliseconds(100))
        return try await fixture.status("a").deadLetters == 0
      }
    }
  }

  @Test("is counted from its death for a dead letter, not from when its event was accepted")
  func countsFromDeath() async throws {
    try await DeliveryFixture.test { fixture in
      let policy = RetryPolicy(delays: [.seconds(5000)], jitter: 0, giveUpAfter: .seconds(1_000_000))
      try await fixture.apply([.sample("a", retry: policy, keep: .seconds(10_000))])
      fixture.transport.answer { $0.event.hasSuffix("-1") && $0.number == 2 ? .status(422) : .status(500) }
      let accepted = try await fixture.accept(.blocklist(pairs: 2))
      try await eventually { try await fixture.retrying("a").map(\.attempts) == [1, 1] }
      fixture.clock.advance(by: .seconds(5000))
      try await eventually { try await fixture.retrying("a").map(\.attempts) == [2] }
      try await eventually { try await fixture.ended("a").map(\.state) == [.dead] }
      fixture.clock.advance(by: .seconds(6000))
      try await eventually("the other one has expired") {
        fixture.clock.advance(by: .seconds(1))
        return try await fixture.ended("a").count == 2
      }
      #expect(try await fixture.ended("a").map(\.state) == [.expired, .dead])
      #expect(try await fixture.ended("a").map(\.first) == [accepted.first, accepted.first + 1])
      fixture.clock.advance(by: .seconds(5000))
      try await eventually("the dead letter is deleted") {
        fixture.clock.advance(by: .seconds(1))
        return try await fixture.ended("a").map(\.state) == [.expired]
      }
    }
  }
}
