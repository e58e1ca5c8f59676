import GatewayCore
import Testing

@Suite("A damaged batch")
struct DamageTests {
  private static let flip =
    "UPDATE batches SET payload = CAST(substr(payload, 1, length(payload) - 1) || x'00' AS BLOB)"

  @Test("becomes a dead letter, and the lane goes on behind it")
  func becomesDeadLetter() async throws {
    try await DeliveryFixture.test { fixture in
      let paused = Subscriber.sample("a", paused: true)
      try await fixture.apply([paused])
      let accepted = [
        try await fixture.accept(.blocklist(pairs: 2)), try await fixture.accept(.blocklist(pairs: 5)),
        try await fixture.accept(.blocklist(pairs: 2)),
      ]
      await fixture.stop()
      try fixture.execute("\(Self.flip) WHERE first_seq = \(accepted[1].first)")
      try await fixture.start([paused.with(\.paused, false)])
      let more = try await fixture.accept()
      try await fixture.delivered([accepted[0], accepted[2], more], to: "a")
      let dead = try await fixture.ended("a")
      #expect(dead.map(\.first) == [accepted[1].first])
      #expect(dead.map(\.last) == [accepted[1].first + 4])
      #expect(dead.map(\.eventCount) == [5])
      #expect(dead.map(\.state) == [.dead])
      #expect(dead.first?.lastError.contains("checksum") == true)
      let status = try await fixture.status("a")
      #expect(status.backlogEvents == 0)
      #expect(status.dead == 5)
      #expect(fixture.metrics[#"switchyard_deliveries_total{subscriber="a",result="dead"}"#] == 5)
    }
  }

  @Test("makes dead letters of the retries that it holds")
  func retries() async throws {
    try await DeliveryFixture.test { fixture in
      try await fixture.apply([.sample("a", retry: .slow)])
      fixture.transport.answer { $0.number == 1 && !$0.event.hasSuffix("-0") ? .status(500) : .success }
      let bad = try await fixture.accept(.blocklist(pairs: 3))
      let good = try await fixture.accept(.blocklist(pairs: 3))
      try await eventually { try await fixture.retrying("a").count == 4 }
      await fixture.stop()
      try fixture.execute("\(Self.flip) WHERE first_seq = \(bad.first)")
      try await fixture.start([.sample("a", retry: .slow)])
      fixture.clock.advance(by: .seconds(100))
      try await fixture.settled("a")
      #expect(Set(fixture.transport.delivered(to: "a")) == Set(good.events + [bad.events[0]]))
      let dead = try await fixture.ended("a")
      #expect(dead.map(\.first) == [bad.first + 1, bad.first + 2])
      #expect(dead.allSatisfy { $0.state == .dead && $0.attempts == 1 })
    }
  }

  @Test("that an unknown rule was written with becomes a dead letter too")
  func unknownRule() async throws {
    try await DeliveryFixture.test { fixture in
      let paused = Subscriber.sample("a", paused: true)
      try await fixture.apply([paused])
      let strange = try await fixture.accept(.blocklist(pairs: 2))
      let good = try await fixture.accept(.blocklist(pairs: 2))
      await fixture.stop()
      try fixture.execute("UPDATE batches SET derivation = '99 nobody knows' WHERE first_seq = \(strange.first)")
      try await fixture.start([paused.with(\.paused, false)])
      try await fixture.delivered([good], to: "a")
      #expect(try await fixture.ended("a").map(\.eventCount) == [2])
    }
  }
}
