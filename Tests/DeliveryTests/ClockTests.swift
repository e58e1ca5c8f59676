import GatewayCore
import Testing

@Suite("The clock")
struct ClockTests {
  @Test("is not needed for an event to go out: its acceptance wakes the lane")
  func standsStill() async throws {
    try await DeliveryFixture.test { fixture in
      fixture.clock.stop()
      try await fixture.apply([.sample("a"), .sample("b", events: ["friend.*"])])
      for count in 1...30 {
        try await fixture.accept(.friend())
        try await eventually { fixture.transport.delivered(to: "a").count == count }
        try await eventually { fixture.transport.delivered(to: "b").count == count }
      }
    }
  }

  @Test("set back keeps nothing from being delivered, recorded and retried")
  func setBack() async throws {
    try await DeliveryFixture.test { fixture in
      try await fixture.apply([.sample("a")])
      var accepted = try await fixture.accept(20)
      try await fixture.delivered(accepted, to: "a")
      fixture.clock.advance(by: .seconds(-3600))
      fixture.transport.answer { $0.number == 1 ? .status(500) : .success }
      accepted += try await fixture.accept(20)
      try await fixture.delivered(accepted, to: "a")
    }
  }
}
