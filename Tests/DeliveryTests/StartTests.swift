import GatewayCore
import Testing

@Suite("A new subscriber")
struct StartTests {
  @Test("starts with what is accepted once it is there")
  func now() async throws {
    try await DeliveryFixture.test { fixture in
      try await fixture.accept(10)
      try await fixture.apply([.sample("a", start: .now)])
      try await fixture.delivered(try await fixture.accept(10), to: "a")
    }
  }

  @Test("starts with the oldest event there is")
  func earliest() async throws {
    try await DeliveryFixture.test { fixture in
      let old = try await fixture.accept(10, .blocklist(pairs: 3))
      try await fixture.apply([.sample("a", start: .earliest)])
      let new = try await fixture.accept(10)
      try await fixture.delivered(old + new, to: "a")
    }
  }

  @Test("starts with the first event accepted at or after a moment")
  func moment() async throws {
    try await DeliveryFixture.test { fixture in
      try await fixture.accept(10)
      fixture.clock.advance(by: .seconds(60))
      let moment = fixture.clock.now
      fixture.clock.advance(by: .seconds(60))
      let after = try await fixture.accept(10)
      try await fixture.apply([.sample("a", start: .at(moment))])
      try await fixture.delivered(after, to: "a")
    }
  }

  @Test("that the journal knows goes on where it was, whatever its start says")
  func known() async throws {
    try await DeliveryFixture.test { fixture in
      try await fixture.apply([.sample("a")])
      let accepted = try await fixture.accept(10)
      try await fixture.delivered(accepted, to: "a")
      try await fixture.apply([.sample("a", start: .earliest)])
      try await fixture.restart([.sample("a", start: .earliest)])
      let more = try await fixture.accept(10)
      try await fixture.delivered(accepted + more, to: "a")
    }
  }

  @Test("has its position on disk when the routes are in force")
  func isDurable() async throws {
    try await DeliveryFixture.test { fixture in
      try await fixture.accept(3)
      let head = fixture.journal.head.next
      try await fixture.apply([.sample("a", paused: true)])
      #expect(try await fixture.lane("a").cursor == head)
      #expect(try await fixture.lane("a").forgetAt == nil)
    }
  }
}
