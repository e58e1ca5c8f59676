import Foundation
import GatewayCore
import Testing

@Suite("Deliveries")
struct FanOutTests {
  @Test("reach each subscriber once, whatever the size of the callback", arguments: [1, 3, 2500])
  func reachEverybody(pairs: Int) async throws {
    try await DeliveryFixture.test { fixture in
      let subscribers = [("a", 1), ("b", 16), ("c", 300)].map { Subscriber.sample($0.0, concurrency: $0.1) }
      try await fixture.apply(subscribers)
      let accepted = try await fixture.accept(.blocklist(pairs: pairs))
      for subscriber in subscribers {
        try await fixture.delivered([accepted], to: subscriber.name)
        let attempts = fixture.transport.attempts(at: subscriber.name)
        #expect(attempts.count == pairs)
        #expect(attempts.allSatisfy { $0.number == 1 })
        #expect(fixture.transport.peak(at: subscriber.name) <= subscriber.concurrency)
        let bodies = Dictionary(zip(accepted.events, accepted.bodies)) { first, _ in first }
        #expect(attempts.allSatisfy { $0.body == bodies[$0.event] })
      }
    }
  }

  @Test("carry the event whose id they have")
  func bodies() async throws {
    try await DeliveryFixture.test { fixture in
      try await fixture.apply([.sample("a")])
      let accepted = try await fixture.accept(.blocklist(pairs: 3))
      try await fixture.delivered([accepted], to: "a")
      for attempt in fixture.transport.attempts(at: "a") {
        let index = try #require(accepted.events.firstIndex(of: attempt.event))
        let event = try #require(try JSONSerialization.jsonObject(with: Data(attempt.body)) as? [String: Any])
        let data = try #require(event["data"] as? [String: Any])
        let item = try #require(data["item"] as? [String: Any])
        #expect(event["id"] as? String == attempt.event)
        #expect(event["type"] as? String == "com.tencent.chat.blocklist.added")
        #expect(item["To_Account"] as? String == "id\(index)")
      }
    }
  }

  @Test("use all of the subscriber's concurrency and no more")
  func concurrency() async throws {
    try await DeliveryFixture.test { fixture in
      fixture.transport.answer { _ in .held }
      try await fixture.apply([.sample("a", concurrency: 7)])
      let accepted = try await fixture.accept(.blocklist(pairs: 50))
      while fixture.transport.delivered(to: "a").count < 50 {
        let left = 50 - fixture.transport.delivered(to: "a").count
        try await eventually { fixture.transport.inFlight(at: "a") == min(7, left) }
        try #require(fixture.transport.release() == min(7, left))
        try await eventually { fixture.transport.delivered(to: "a").count == 50 - max(0, left - 7) }
      }
      try await fixture.delivered([accepted], to: "a")
      #expect(fixture.transport.peak(at: "a") == 7)
    }
  }

  @Test("go out in the order of the journal when they go one at a time")
  func order() async throws {
    try await DeliveryFixture.test { fixture in
      try await fixture.apply([.sample("a", concurrency: 1)])
      let accepted = try await fixture.accept(20, .blocklist(pairs: 7))
      try await fixture.delivered(accepted, to: "a")
      #expect(fixture.transport.delivered(to: "a") == accepted.flatMap(\.events))
    }
  }

  @Test("reach everybody while callbacks of all sizes keep coming")
  func stream() async throws {
    try await DeliveryFixture.test { fixture in
      try await fixture.apply([.sample("a"), .sample("b", events: ["friend.*"]), .sample("c", concurrency: 200)])
      var blocklist: [Accepted] = []
      var friends: [Accepted] = []
      for pairs in [1, 1500, 2, 40, 1, 700] {
        blocklist += try await fixture.accept(5, .blocklist(pairs: pairs))
        friends += try await fixture.accept(3, .friend(pairs: max(1, pairs / 10)))
      }
      try await fixture.delivered(blocklist + friends, to: "a")
      try await fixture.delivered(friends, to: "b")
      try await fixture.delivered(blocklist + friends, to: "c")
    }
  }

  @Test("of others go on while one subscriber answers nothing")
  func isolation() async throws {
    try await DeliveryFixture.test { fixture in
      fixture.transport.answer { $0.subscriber == "stuck" ? .held : .success }
      try await fixture.apply([.sample("stuck", concurrency: 4), .sample("well")])
      let accepted = try await fixture.accept(300, .blocklist(pairs: 10))
      try await fixture.delivered(accepted, to: "well")
      #expect(fixture.transport.inFlight(at: "stuck") == 4)
      #expect(fixture.transport.delivered(to: "stuck").isEmpty)
    }
  }

  @Test("are not held up by an old attempt that keeps a full window from moving on", arguments: [true, false])
  func straggler(isDelivered: Bool) async throws {
    try await DeliveryFixture.test { fixture in
      try await fixture.apply([.sample("a")])
      fixture.transport.answer { $0.number == 1 && $0.event.hasSuffix("-0") ? .held : .success }
      let accepted = try await fixture.accept(.blocklist(pairs: 3000))
      try await eventually("the window is full") { fixture.transport.delivered(to: "a").count >= 1023 }
      fixture.clock.advance(by: .seconds(2))
      try await eventually("the others are delivered") { fixture.transport.delivered(to: "a").count == 2999 }
      try await eventually("the cursor has passed it") {
        try await fixture.lane("a").cursor == fixture.journal.head.next
      }
      #expect(try await fixture.retrying("a").map(\.first) == [accepted.first])
      #expect(fixture.transport.attempts(at: "a").count == 3000)
      fixture.transport.release(with: isDelivered ? .success : .status(500))
      try await fixture.delivered([accepted], to: "a")
      #expect(fixture.transport.attempts(at: "a").count == (isDelivered ? 3000 : 3001))
    }
  }

  @Test("are not held up by an old attempt that keeps a window from moving on that is full in bytes")
  func stragglerAmongLargeOnes() async throws {
    try await DeliveryFixture.test { fixture in
      try await fixture.apply([.sample("a")])
      fixture.transport.answer { _ in .held }
      let first = try await fixture.accept()
      try await eventually { fixture.transport.inFlight(at: "a") == 1 }
      fixture.transport.answer { $0.event == first.events[0] ? .held : .success }
      var accepted = [first]
      for _ in 0..<7 { accepted.append(try await fixture.accept(Callback(padding: 1_500_000))) }
      try await eventually("all others are delivered") {
        fixture.clock.advance(by: .milliseconds(100))
        return fixture.transport.delivered(to: "a").count == 7
      }
      fixture.transport.release()
      try await fixture.delivered(accepted, to: "a")
    }
  }
}
