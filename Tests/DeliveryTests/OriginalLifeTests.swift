import GatewayCore
import Testing

@Suite("A callback that is sent as it came")
struct OriginalLifeTests {
  @Test("is tried again by the next process, whole and with its number and its marks")
  func restart() async throws {
    try await DeliveryFixture.test { fixture in
      let subscriber = Subscriber.original("a", retry: .slow)
      fixture.transport.answer { $0.number == 1 ? .refused : OriginalTests.ok }
      try await fixture.apply([subscriber])
      let callback = Callback(pairs: 100, via: Via(["first"]))
      let accepted = try await fixture.accept(callback)
      try await eventually { try await fixture.retrying("a").map(\.eventCount) == [100] }
      try await fixture.restart([subscriber])
      try await eventually { try await fixture.status("a").backlogEvents == 100 }
      fixture.clock.advance(by: .seconds(100))
      try await fixture.settled("a")
      let attempts = fixture.transport.attempts(at: "a")
      #expect(attempts.map(\.number) == [1, 2])
      #expect(attempts.map(\.event) == [accepted.batch, accepted.batch])
      #expect(attempts.map(\.body) == [callback.body, callback.body])
      let via = "first,\(fixture.journal.mark.rawValue)"
      #expect(attempts.map { $0["switchyard-via"] } == [via, via])
    }
  }

  @Test("stays whole when the subscriber takes events from now on, and an event stays one the other way round")
  func reload() async throws {
    try await DeliveryFixture.test { fixture in
      let (whole, cut) = (Subscriber.original("a", retry: .slow), Subscriber.sample("a", retry: .slow))
      fixture.transport.answer { $0.number == 1 ? .status(500) : OriginalTests.ok }
      try await fixture.apply([whole])
      let first = try await fixture.accept(.blocklist(pairs: 3))
      try await eventually { try await fixture.retrying("a").count == 1 }
      try await fixture.apply([cut])
      let second = try await fixture.accept(.blocklist(pairs: 3))
      try await eventually { try await fixture.retrying("a").count == 4 }
      try await fixture.apply([whole])
      let third = try await fixture.accept(.blocklist(pairs: 3))
      try await eventually { try await fixture.retrying("a").count == 5 }
      fixture.clock.advance(by: .seconds(100))
      try await fixture.settled("a")
      let expected = [first.batch] + second.events + [third.batch]
      let attempts = fixture.transport.attempts(at: "a")
      for number in [1, 2] {
        #expect(attempts.filter { $0.number == number }.map(\.event).sorted() == expected.sorted())
      }
      for attempt in attempts { #expect((attempt.query == nil) == second.events.contains(attempt.event)) }
      try await eventually { try await fixture.status("a").delivered == 9 }
    }
  }

  @Test("is a dead letter that stands for all its events that were wanted")
  func dead() async throws {
    try await DeliveryFixture.test { fixture in
      fixture.transport.answer { _ in .status(413) }
      try await fixture.apply([.original("a").with(\.match, .to("id0", "id1"))])
      try await fixture.accept(.blocklist(pairs: 10))
      try await fixture.settled("a")
      let ended = try await fixture.ended("a")
      #expect(ended.map(\.eventCount) == [2])
      #expect(ended.map(\.form) == [.original])
      #expect(fixture.transport.attempts(at: "a").count == 1)
    }
  }

  @Test("is sent as often as there may be requests in flight, and no more")
  func concurrency() async throws {
    try await DeliveryFixture.test { fixture in
      fixture.transport.answer { _ in .held }
      try await fixture.apply([.original("a").with(\.concurrency, 3)])
      try await fixture.accept(20, .blocklist(pairs: 50))
      try await eventually { fixture.transport.inFlight(at: "a") == 3 }
      fixture.transport.answer { _ in OriginalTests.ok }
      fixture.transport.release(with: OriginalTests.ok)
      try await fixture.settled("a")
      #expect(fixture.transport.attempts(at: "a").count == 20)
      #expect(fixture.transport.peak(at: "a") == 3)
    }
  }
}
