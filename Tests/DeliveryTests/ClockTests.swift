import GatewayCore
import Testing

@Suite("A clock that is set back")
struct ClockTests {
  @Test("keeps nothing from being delivered, recorded and retried")
  func goesOn() async throws {
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
