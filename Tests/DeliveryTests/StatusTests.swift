import Delivery
import GatewayCore
import OrderedCollections
import Testing

@Suite("The status of a subscriber")
struct StatusTests {
  @Test("comes in the order of the routes, also after they have changed")
  func order() async throws {
    try await DeliveryFixture.test { fixture in
      try await fixture.apply([.sample("b"), .sample("d")])
      try await fixture.apply([.sample("a"), .sample("b"), .sample("c"), .sample("d")], misconfigured: ["x": "no"])
      #expect(try await fixture.service.statuses().map(\.name) == ["a", "b", "c", "d", "x"])
    }
  }

  @Test("is all zeros when nothing waits")
  func idle() async throws {
    try await DeliveryFixture.test { fixture in
      try await fixture.apply([.sample("a", events: ["friend.*", "blocklist.*"], owner: "trust")])
      let accepted = try await fixture.accept(.blocklist(pairs: 30))
      try await fixture.delivered([accepted], to: "a")
      try await eventually("it has seen the last answer") { try await fixture.status("a").delivered == 30 }
      let status = try await fixture.status("a")
      #expect(status.url == "http://hooks.example/a")
      #expect(status.owner == "trust")
      #expect(status.events == ["friend.*", "blocklist.*"])
      #expect(status.state == .closed)
      #expect(status.reason == nil)
      #expect(status.backlogEvents == 0)
      #expect(status.oldestUndelivered == nil)
      #expect(status.retriesWaiting == 0)
      #expect(status.deadLetters == 0)
      #expect(status.inFlight == 0)
      #expect(status.cursor == fixture.journal.head.next)
      #expect(status.attempts == [.success: 30])
    }
  }

  @Test("counts what waits, is under way, is retried and is dead")
  func counts() async throws {
    try await DeliveryFixture.test { fixture in
      try await fixture.apply([.sample("a", concurrency: 2, retry: .slow)])
      let before = fixture.clock.now
      fixture.transport.answer { attempt in
        switch attempt.event.suffix(2) {
        case "-0": .status(500)
        case "-1": .status(422)
        case "-2": .success
        default: .held
        }
      }
      let accepted = try await fixture.accept(.blocklist(pairs: 3000))
      try await eventually { fixture.transport.attempts(at: "a").count == 5 }
      try await eventually("it has looked at its exceptions") {
        fixture.clock.advance(by: .milliseconds(10))
        let status = try await fixture.status("a")
        return status.oldestUndelivered != nil && status.deadLetters == 1
      }
      let status = try await fixture.status("a")
      #expect(status.backlogEvents == 2998)
      #expect(status.inFlight == 2)
      #expect(status.retriesWaiting == 1)
      #expect(status.deadLetters == 1)
      #expect(status.dead == 1)
      #expect(status.delivered == 1)
      #expect(status.cursor == accepted.first + 3)
      #expect(status.attempts == [.success: 1, .http4xx: 1, .http5xx: 1])
      let oldest = try #require(status.oldestUndelivered)
      #expect(oldest >= before - .seconds(1) && oldest <= before + .seconds(10))
    }
  }

  @Test("knows the backlog from the first moment, without the history")
  func fromTheFirstMoment() async throws {
    try await DeliveryFixture.test { fixture in
      try await fixture.apply([.sample("a")])
      let accepted = try await fixture.accept(50, .blocklist(pairs: 20))
      try await fixture.delivered(accepted, to: "a")
      try await fixture.restart([.sample("a"), .sample("new")])
      #expect(try await fixture.service.statuses().map(\.backlogEvents) == [0, 0])
    }
  }

  @Test("counts the backlog anew when the subscriber wants other events")
  func otherEvents() async throws {
    try await DeliveryFixture.test { fixture in
      try await fixture.apply([.sample("a", events: ["blocklist.*"], paused: true)])
      try await fixture.accept(10, .blocklist(pairs: 7))
      try await fixture.accept(10, .friend(pairs: 2))
      #expect(try await fixture.status("a").backlogEvents == 70)
      try await fixture.apply([.sample("a", events: ["friend.*"], paused: true)])
      try await eventually { try await fixture.status("a").backlogEvents == 20 }
      try await fixture.apply([.sample("a", events: ["*"], paused: true)])
      try await eventually { try await fixture.status("a").backlogEvents == 90 }
    }
  }

  @Test("says since when a paused subscriber's oldest event waits, and why it is held")
  func paused() async throws {
    try await DeliveryFixture.test { fixture in
      try await fixture.apply([.sample("a", events: ["friend.*"], paused: true)])
      try await fixture.accept(10, .blocklist())
      fixture.clock.advance(by: .seconds(500))
      let before = fixture.clock.now
      try await fixture.accept(.friend())
      fixture.clock.advance(by: .seconds(500))
      let status = try await fixture.status("a")
      let oldest = try #require(status.oldestUndelivered)
      #expect(oldest >= before && oldest < before + .seconds(400))
      #expect(status.state == .paused)
      #expect(status.reason != nil)
      #expect(status.backlogEvents == 1)
    }
  }
}
