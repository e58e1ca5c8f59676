import Testing

@testable import switchyard

@Suite("A plan of calls")
struct SendPlanTests {
  @Test("spreads calls evenly at a rate, and else sends at once")
  func offsets() {
    #expect(
      (0..<3).map { SendPlan(count: 3, rate: 200).offset(of: $0) } == [.zero, .milliseconds(5), .milliseconds(10)])
    #expect(SendPlan(count: 3, rate: 0.5).offset(of: 1) == .seconds(2))
    #expect(SendPlan(count: 3, rate: nil).offset(of: 2) == nil)
  }

  @Test("bounds the calls under way")
  func inFlight() {
    #expect(SendPlan(count: 3, rate: nil).maxInFlight == 3)
    #expect(SendPlan(count: 1000, rate: nil).maxInFlight == 64)
    #expect(SendPlan(count: 1000, rate: 9).maxInFlight == 256)
  }
}
