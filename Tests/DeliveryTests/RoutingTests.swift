import GatewayCore
import Testing

@Suite("Routing")
struct RoutingTests {
  @Test(
    "gives a subscriber what its patterns match and nothing else",
    arguments: ["blocklist.added", "blocklist.*", "com.tencent.chat.blocklist.added", "Sns.CallbackBlackListAdd"])
  func patterns(pattern: String) async throws {
    try await DeliveryFixture.test { fixture in
      try await fixture.apply([.sample("narrow", events: [pattern]), .sample("all")])
      let friends = try await fixture.accept(3, .friend(pairs: 2))
      let blocklist = try await fixture.accept(3, .blocklist(pairs: 2))
      try await fixture.delivered(friends + blocklist, to: "all")
      try await fixture.delivered(blocklist, to: "narrow")
    }
  }

  @Test("gives a subscriber the events of its apps alone")
  func apps() async throws {
    try await DeliveryFixture.test { fixture in
      let other = AppID(rawValue: 1_400_000_001)
      try await fixture.apply([.sample("one", apps: [Callback.app]), .sample("other", apps: [other]), .sample("both")])
      let one = try await fixture.accept(2, Callback(pairs: 2))
      let two = try await fixture.accept(2, Callback(app: other, pairs: 3))
      try await fixture.delivered(one, to: "one")
      try await fixture.delivered(two, to: "other")
      try await fixture.delivered(one + two, to: "both")
    }
  }

  @Test("moves the cursor of a lane that wants nothing of what comes to the journal's head")
  func idleLane() async throws {
    try await DeliveryFixture.test { fixture in
      try await fixture.apply([.sample("idle", events: ["friend.*"])])
      let before = try await fixture.lane("idle").cursor
      try await fixture.accept(20, .blocklist(pairs: 5))
      #expect(fixture.journal.head.next - before == 100)
      try await fixture.settled("idle")
      #expect(fixture.transport.attempts(at: "idle").isEmpty)
    }
  }

  @Test("finds what is wanted behind much that is not")
  func farBehind() async throws {
    try await DeliveryFixture.test { fixture in
      try await fixture.accept(700, .blocklist())
      let wanted = try await fixture.accept(.friend(pairs: 2))
      try await fixture.accept(700, .blocklist())
      try await fixture.apply([.sample("a", events: ["friend.*"], start: .earliest)])
      try await fixture.delivered([wanted], to: "a")
    }
  }

  @Test("finds the one subscriber among a thousand")
  func thousand() async throws {
    try await DeliveryFixture.test { fixture in
      try await fixture.apply((0..<1000).map { .sample("s\($0)", events: ["Custom.Event\($0)"]) })
      for round in 0..<3 {
        for number in [3, 500, 999] { try await fixture.accept(Callback(command: "Custom.Event\(number)")) }
        for number in [3, 500, 999] {
          try await eventually("event \(number)") {
            fixture.transport.delivered(to: "s\(number)").count == round + 1
          }
        }
      }
      for number in 0..<1000 {
        let expected = [3, 500, 999].contains(number) ? 3 : 0
        #expect(fixture.transport.attempts(at: "s\(number)").count == expected)
      }
    }
  }
}
