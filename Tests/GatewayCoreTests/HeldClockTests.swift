import GatewayCore
import Testing

@Suite("A lane's clock")
struct HeldClockTests {
  @Test("stands still while the lane is held, also across holds")
  func standsStill() {
    var clock = HeldClock()
    #expect(clock.reading(at: Timestamp(seconds: 100)) == Timestamp(seconds: 100))
    clock.hold(at: Timestamp(seconds: 100))
    clock.hold(at: Timestamp(seconds: 105))
    #expect(clock.reading(at: Timestamp(seconds: 150)) == Timestamp(seconds: 100))
    clock.release(at: Timestamp(seconds: 160))
    #expect(clock.reading(at: Timestamp(seconds: 170)) == Timestamp(seconds: 110))
    clock.hold(at: Timestamp(seconds: 180))
    #expect(clock.reading(at: Timestamp(seconds: 500)) == Timestamp(seconds: 120))
  }
}
