import GatewayCore
import Testing

/// The same lanes on a journal that answers late or not at all.
@Suite("A lane whose journal")
struct JournalTests {
  @Test("answers after the routes have changed takes nothing of what it had read for the old ones")
  func lateAnswer() async throws {
    try await DeliveryFixture.test { fixture in
      try await fixture.apply([.sample("a")])
      fixture.intercepted.hold(.read)
      try await fixture.accept(3, .blocklist(pairs: 2))
      let friends = try await fixture.accept(3, .friend(pairs: 2))
      try await eventually { fixture.intercepted.waiting(.read) == 1 }
      try await fixture.apply([.sample("a", events: ["friend.*"])])
      fixture.intercepted.release(.read)
      try await fixture.delivered(friends, to: "a")
    }
  }

  @Test("answers with retries that have expired since tries none of them")
  func lateRetries() async throws {
    try await DeliveryFixture.test { fixture in
      fixture.transport.answer { $0.number == 1 ? .status(500) : .success }
      try await fixture.apply([.sample("a", retry: .slow, keep: .seconds(10_000))])
      try await fixture.accept(.blocklist(pairs: 5))
      try await eventually { try await fixture.retrying("a").count == 5 }
      fixture.intercepted.hold(.dueExceptions)
      fixture.clock.advance(by: .seconds(100))
      try await eventually("they are being loaded") { fixture.intercepted.waiting(.dueExceptions) == 1 }
      fixture.clock.advance(by: .seconds(10_000))
      try await eventually("they have expired") { try await fixture.ended("a").map(\.eventCount) == [5] }
      fixture.intercepted.release(.dueExceptions)
      fixture.transport.answer { _ in .success }
      try await fixture.delivered([try await fixture.accept()], to: "a")
      #expect(fixture.transport.attempts(at: "a").count == 6)
      let status = try await fixture.status("a")
      #expect(status.retriesWaiting == 0)
      #expect(status.backlogEvents == 0)
    }
  }

  @Test("takes no settlement for a while goes on delivering, and records all when it does")
  func refusedSettlements() async throws {
    try await DeliveryFixture.test { fixture in
      try await fixture.apply([.sample("a", retry: .slow)])
      fixture.intercepted.refuse(.settle)
      fixture.transport.answer { $0.event.hasSuffix("-1") && $0.number == 1 ? .status(500) : .success }
      let accepted = try await fixture.accept(20, .blocklist(pairs: 3))
      try await eventually { fixture.transport.attempts(at: "a").count == 60 }
      try await eventually { fixture.intercepted.refusals(.settle) > 0 }
      #expect(try await fixture.lane("a").cursor == accepted[0].first)
      fixture.intercepted.allow(.settle)
      try await eventually("it is recorded") {
        fixture.clock.advance(by: .milliseconds(10))
        return try await fixture.retrying("a").count == 20
      }
      fixture.clock.advance(by: .seconds(100))
      try await fixture.delivered(accepted, to: "a")
      #expect(fixture.transport.attempts(at: "a").count == 80)
    }
  }

  @Test("takes no settlement for a while ends all the same when it is removed, once it has been recorded")
  func removed() async throws {
    try await DeliveryFixture.test { fixture in
      fixture.transport.answer { _ in .held }
      try await fixture.apply([.sample("a")])
      let accepted = try await fixture.accept()
      try await eventually { fixture.transport.inFlight(at: "a") == 1 }
      try await fixture.apply([])
      fixture.intercepted.refuse(.settle)
      fixture.transport.release()
      try await eventually { fixture.intercepted.refusals(.settle) > 0 }
      fixture.intercepted.allow(.settle)
      try await eventually("it is recorded") {
        fixture.clock.advance(by: .milliseconds(100))
        return try await fixture.lane("a").cursor == accepted.first + 1
      }
      try await fixture.apply([.sample("a")])
      fixture.transport.answer { _ in .success }
      try await fixture.delivered([accepted, try await fixture.accept()], to: "a")
      #expect(fixture.transport.attempts(at: "a").count == 2)
    }
  }

  @Test("takes no settlement when it stops repeats what was not recorded, and loses nothing")
  func refusedToTheEnd() async throws {
    try await DeliveryFixture.test { fixture in
      try await fixture.apply([.sample("a")])
      let first = try await fixture.accept(.blocklist(pairs: 5))
      try await fixture.delivered([first], to: "a")
      fixture.intercepted.refuse(.settle)
      let second = try await fixture.accept(.blocklist(pairs: 5))
      try await eventually { fixture.transport.delivered(to: "a").count == 10 }
      try await eventually { fixture.intercepted.refusals(.settle) > 0 }
      await fixture.stop(drain: .zero)
      try await fixture.start([.sample("a")])
      try await fixture.settled("a")
      #expect(fixture.transport.delivered(to: "a").sorted() == (first.events + second.events + second.events).sorted())
    }
  }
}
