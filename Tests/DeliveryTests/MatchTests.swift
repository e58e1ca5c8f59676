import GatewayCore
import Testing

@Suite("A subscriber's match")
struct MatchTests {
  @Test("lets through the events that match, also out of the middle of a callback, and costs others nothing")
  func some() async throws {
    try await DeliveryFixture.test { fixture in
      try await fixture.apply([.sample("some", match: .to("id?5", "id7")), .sample("all")])
      let accepted = try await fixture.accept(3, .blocklist(pairs: 100))
      try await fixture.delivered(accepted, to: "all")
      try await fixture.settled("some")
      let expected = accepted.flatMap { one in [7, 15, 25, 35, 45, 55, 65, 75, 85, 95].map { one.events[$0] } }
      #expect(fixture.transport.delivered(to: "some").sorted() == expected.sorted())
      try await eventually("it has seen the last answer") { try await fixture.status("some").delivered == 30 }
      let status = try await fixture.status("some")
      #expect(status.backlogEvents == 0 && status.dead == 0 && status.deadLetters == 0)
    }
  }

  @Test("that no event holds for lets the cursor go on to the head, and leaves no backlog, also over a restart")
  func nothing() async throws {
    try await DeliveryFixture.test { fixture in
      let subscriber = Subscriber.sample("none", match: .to("nobody"))
      try await fixture.apply([subscriber])
      let before = try await fixture.lane("none").cursor
      try await fixture.accept(30, .blocklist(pairs: 100))
      try await fixture.settled("none")
      #expect(fixture.journal.head.next - before == 3000)
      #expect(try await fixture.status("none").backlogEvents == 0)
      try await fixture.restart([subscriber])
      #expect(try await fixture.status("none").backlogEvents == 0)
      let status = try await fixture.status("none")
      #expect(status.delivered == 0 && status.dead == 0 && status.oldestUndelivered == nil)
      #expect(fixture.transport.attempts(at: "none").isEmpty)
    }
  }

  @Test("holds for no event that lacks the field")
  func absentField() async throws {
    try await DeliveryFixture.test { fixture in
      let match = EventMatch([EventMatch.Condition(field: .group, globs: [Glob("*")])])
      try await fixture.apply([.sample("groups", match: match)])
      try await fixture.accept(3, .blocklist(pairs: 2))
      try await fixture.accept(3, Callback(command: "Custom.Event"))
      try await fixture.settled("groups")
      #expect(fixture.transport.attempts(at: "groups").isEmpty)
    }
  }

  @Test("keeps callbacks of which nothing matches out of the window: they do not fill it behind a slow attempt")
  func windowBytes() async throws {
    try await DeliveryFixture.test { fixture in
      fixture.transport.answer { _ in .held }
      try await fixture.apply([.sample("a", match: .to("id1"))])
      let first = try await fixture.accept(.blocklist(pairs: 2))
      try await fixture.accept(12, Callback(padding: 1 << 20))
      let last = try await fixture.accept(.blocklist(pairs: 2))
      try await eventually { fixture.transport.attempts(at: "a").count == 2 }
      // The slow one has not been written out to make room.
      #expect(try await fixture.retrying("a").isEmpty)
      #expect(fixture.transport.inFlight(at: "a") == 2)
      fixture.transport.release()
      try await fixture.settled("a")
      #expect(fixture.transport.delivered(to: "a").sorted() == [first.events[1], last.events[1]].sorted())
    }
  }

  @Test("is an upper bound in the backlog until the scan has been there")
  func paused() async throws {
    try await DeliveryFixture.test { fixture in
      let held = Subscriber.sample("a", match: .to("id1"), paused: true)
      try await fixture.apply([held])
      let accepted = try await fixture.accept(2, .blocklist(pairs: 50))
      try await eventually { try await fixture.status("a").backlogEvents == 100 }
      try await fixture.apply([held.with(\.paused, false)])
      try await fixture.settled("a")
      #expect(fixture.transport.delivered(to: "a").sorted() == accepted.map { $0.events[1] }.sorted())
      try await eventually { try await fixture.status("a").backlogEvents == 0 }
    }
  }

  @Test("that changes holds for what the queue has not reached; what is retried goes on")
  func change() async throws {
    try await DeliveryFixture.test { fixture in
      fixture.transport.answer { $0.number == 1 && $0.event.hasSuffix("-0") ? .status(500) : .success }
      let before = Subscriber.sample("a", match: .to("id0"), retry: .slow)
      try await fixture.apply([before])
      let old = try await fixture.accept(.blocklist(pairs: 3))
      try await eventually { try await fixture.retrying("a").count == 1 }
      try await fixture.apply([before.with(\.match, .to("id1"))])
      let new = try await fixture.accept(.blocklist(pairs: 3))
      try await eventually { fixture.transport.delivered(to: "a") == [new.events[1]] }
      fixture.clock.advance(by: .seconds(200))
      try await fixture.settled("a")
      #expect(fixture.transport.delivered(to: "a") == [new.events[1], old.events[0]])
      try await fixture.apply([before.with(\.match, nil)])
      let all = try await fixture.accept(Callback(command: "Sns.CallbackBlackListDelete"))
      try await eventually { fixture.transport.attempts(at: "a").last?.event == all.events[0] }
      #expect(try await fixture.status("a").backlogEvents <= 1)
    }
  }
}

extension EventMatch {
  static func to(_ globs: String...) -> EventMatch {
    EventMatch([Condition(field: .to, globs: globs.map { Glob($0) })])
  }
}
