import Delivery
import GatewayCore
import OrderedCollections
import Testing

@Suite("A change of the routes")
struct RoutesChangeTests {
  @Test("that removes a subscriber starts nothing new, and adding it again goes on where it was")
  func removedAndAdded() async throws {
    try await DeliveryFixture.test { fixture in
      fixture.transport.answer { $0.subscriber == "a" ? .held : .success }
      try await fixture.apply([.sample("a", concurrency: 4), .sample("b")])
      let first = try await fixture.accept(.blocklist(pairs: 100))
      try await eventually { fixture.transport.inFlight(at: "a") == 4 }
      try await fixture.apply([.sample("b")])
      let second = try await fixture.accept(.blocklist(pairs: 100))
      try await fixture.delivered([first, second], to: "b")
      #expect(fixture.transport.release() == 4)
      try await eventually { try await fixture.lane("a").cursor == first.first + 4 }
      #expect(fixture.transport.attempts(at: "a").count == 4)
      #expect(try await fixture.lane("a").forgetAt != nil)
      fixture.transport.answer { _ in .success }
      try await fixture.apply([.sample("b"), .sample("a", concurrency: 4)])
      #expect(try await fixture.lane("a").forgetAt == nil)
      try await fixture.delivered([first, second], to: "a")
      #expect(fixture.transport.attempts(at: "a").count == 200)
    }
  }

  @Test("that adds a subscriber again while its attempts are still under way repeats none of them")
  func addedWhileEnding() async throws {
    try await DeliveryFixture.test { fixture in
      fixture.transport.answer { _ in .held }
      try await fixture.apply([.sample("a", concurrency: 2), .sample("b")])
      let accepted = try await fixture.accept(.blocklist(pairs: 10))
      try await eventually { fixture.transport.inFlight(at: "a") == 2 }
      try await fixture.apply([.sample("b")])
      fixture.transport.answer { _ in .success }
      try await fixture.apply([.sample("a", concurrency: 2), .sample("b")])
      #expect(try await fixture.status("a").backlogEvents == 10)
      fixture.transport.release { $0.subscriber == "b" }
      try await fixture.delivered([accepted], to: "b")
      #expect(fixture.transport.attempts(at: "a").count == 2)
      fixture.transport.release()
      try await fixture.delivered([accepted], to: "a")
      #expect(fixture.transport.attempts(at: "a").count == 10)
    }
  }

  @Test("that removes a subscriber keeps its exceptions, and adding it again tries them")
  func exceptionsAreKept() async throws {
    try await DeliveryFixture.test { fixture in
      try await fixture.apply([.sample("a", retry: .slow)])
      fixture.transport.answer { $0.number == 1 ? .status(500) : .success }
      let accepted = try await fixture.accept(.blocklist(pairs: 5))
      try await eventually { try await fixture.retrying("a").count == 5 }
      try await fixture.apply([])
      fixture.clock.advance(by: .seconds(200))
      try await fixture.apply([.sample("a", retry: .slow)])
      try await fixture.delivered([accepted], to: "a")
      #expect(fixture.transport.attempts(at: "a").map(\.number).sorted() == [1, 1, 1, 1, 1, 2, 2, 2, 2, 2])
    }
  }

  @Test("of the URL, the headers or the secrets is for the next attempt")
  func nextAttempt() async throws {
    try await DeliveryFixture.test { fixture in
      let secret = Secret("whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=")
      try await fixture.apply([.sample("a", retry: .slow)])
      fixture.transport.answer { $0.endpoint.url.contains("new.example") ? .success : .status(500) }
      let accepted = try await fixture.accept()
      try await eventually { try await fixture.retrying("a").count == 1 }
      let header = WebhookRequest.Header(name: "X-New", value: Secret("1"))
      try await fixture.apply([
        .sample("a", retry: .slow, secrets: [Subscriber.secret, secret], headers: [header], host: "new.example")
      ])
      fixture.clock.advance(by: .seconds(100))
      try await fixture.delivered([accepted], to: "a")
      let last = try #require(fixture.transport.attempts(at: "a").last)
      #expect(last.number == 2)
      #expect(last["X-New"] == "1")
      #expect(last["webhook-signature"]?.split(separator: " ").count == 2)
    }
  }

  @Test("of the concurrency is obeyed at once, upwards and downwards")
  func concurrency() async throws {
    try await DeliveryFixture.test { fixture in
      fixture.transport.answer { _ in .held }
      try await fixture.apply([.sample("a", concurrency: 2)])
      let accepted = try await fixture.accept(.blocklist(pairs: 40))
      try await eventually { fixture.transport.inFlight(at: "a") == 2 }
      try await fixture.apply([.sample("a", concurrency: 9)])
      try await eventually { fixture.transport.inFlight(at: "a") == 9 }
      try await fixture.apply([.sample("a", concurrency: 3)])
      #expect(fixture.transport.release() == 9)
      try await eventually { fixture.transport.attempts(at: "a").count == 12 }
      try await eventually { fixture.transport.inFlight(at: "a") == 3 }
      #expect(fixture.transport.attempts(at: "a").count == 12)
      fixture.transport.answer { _ in .success }
      fixture.transport.release()
      try await fixture.delivered([accepted], to: "a")
      #expect(fixture.transport.peak(at: "a") == 9)
    }
  }

  @Test("of the events counts for all that the queue has not reached")
  func events() async throws {
    try await DeliveryFixture.test { fixture in
      try await fixture.apply([.sample("a", events: ["blocklist.*"], paused: true)])
      try await fixture.accept(5, .blocklist(pairs: 2))
      let friends = try await fixture.accept(5, .friend(pairs: 2))
      try await fixture.apply([.sample("a", events: ["friend.*"])])
      try await fixture.delivered(friends, to: "a")
    }
  }

  @Test("of the events, in the middle of a callback larger than the window, leaves what the queue has reached")
  func eventsInTheMiddle() async throws {
    try await DeliveryFixture.test { fixture in
      fixture.transport.answer { _ in .held }
      try await fixture.apply([.sample("a", events: ["blocklist.*"], concurrency: 8)])
      let large = try await fixture.accept(.blocklist(pairs: 3000))
      let friends = try await fixture.accept(.friend(pairs: 5))
      try await eventually { fixture.transport.inFlight(at: "a") == 8 }
      try await fixture.apply([.sample("a", events: ["friend.*"], concurrency: 8)])
      try await eventually("the new routes count") { try await fixture.status("a").events == ["friend.*"] }
      fixture.transport.answer { _ in .success }
      fixture.transport.release()
      try await fixture.settled("a")
      let delivered = fixture.transport.delivered(to: "a")
      #expect(Set(delivered).count == delivered.count)
      #expect(Set(delivered) == Set(large.events.prefix(1024) + friends.events))
    }
  }

  @Test("in the middle of everything neither loses nor repeats a delivery")
  func inTheMiddle() async throws {
    try await DeliveryFixture.test { fixture in
      fixture.transport.answer { $0.event.hasSuffix("7") && $0.number == 1 ? .held : .success }
      var accepted: [Accepted] = []
      for round in 0..<30 {
        let events = round % 2 == 0 ? ["*"] : ["blocklist.*", "friend.*"]
        try await fixture.apply([
          .sample("a", events: events, concurrency: 5 + round % 20, host: "h\(round).example"),
          .sample("b", events: events.reversed(), headers: [.init(name: "X-Round", value: Secret("\(round)"))]),
        ])
        accepted.append(try await fixture.accept(.blocklist(pairs: 1 + round * 7)))
        accepted.append(try await fixture.accept(.friend(pairs: 3)))
        if round % 3 == 0 { fixture.transport.release() }
      }
      fixture.transport.answer { _ in .success }
      fixture.transport.release()
      for name in ["a", "b"] {
        try await fixture.delivered(accepted, to: name)
        #expect(fixture.transport.attempts(at: name).allSatisfy { $0.number == 1 })
      }
    }
  }

  @Test("that leaves a subscriber misconfigured has its events wait")
  func misconfigured() async throws {
    try await DeliveryFixture.test { fixture in
      try await fixture.apply([.sample("a"), .sample("b")])
      var accepted = [try await fixture.accept()]
      try await fixture.delivered(accepted, to: "a")
      try await fixture.apply([.sample("b")], misconfigured: ["a": "the secret is gone", "new": "no secret"])
      accepted += try await fixture.accept(10)
      try await fixture.delivered(accepted, to: "b")
      #expect(fixture.transport.attempts(at: "a").count == 1)
      let status = try await fixture.status("a")
      #expect(status.state == .misconfigured)
      #expect(status.reason == "the secret is gone")
      #expect(status.backlogEvents >= 10)
      #expect(try await fixture.lane("a").forgetAt == nil)
      try await fixture.apply([.sample("a"), .sample("b"), .sample("new")])
      try await fixture.delivered(accepted, to: "a")
      try await fixture.delivered(Array(accepted.dropFirst()), to: "new")
    }
  }

  @Test("that cannot be made durable changes nothing")
  func notDurable() async throws {
    try await DeliveryFixture.test { fixture in
      try await fixture.apply([.sample("a")])
      try fixture.execute(
        "CREATE TRIGGER refuse BEFORE INSERT ON lanes BEGIN SELECT RAISE(ABORT, 'refused by the test'); END")
      await #expect(throws: JournalError.self) {
        try await fixture.apply([.sample("a", concurrency: 1, host: "other.example"), .sample("b")])
      }
      let accepted = try await fixture.accept(3)
      try await fixture.delivered(accepted, to: "a")
      #expect(fixture.transport.attempts(at: "a").allSatisfy { $0.endpoint.url == "http://hooks.example/a" })
      #expect(try await fixture.service.statuses().map(\.name) == ["a"])
      try fixture.execute("DROP TRIGGER refuse")
      try await fixture.apply([.sample("a"), .sample("b")])
      try await fixture.delivered([try await fixture.accept()], to: "b")
    }
  }
}
