import Testing

@testable import switchyard

@Suite("Misbehaviour on purpose")
struct MisbehaviourTests {
  private func statuses(ratio: Double, seed: UInt64, count: Int = 10_000) -> [Int] {
    var misbehaviour = Misbehaviour(ratio: ratio, status: 503, seed: seed)
    return (0..<count).map { _ in misbehaviour.nextStatus() }
  }

  @Test("refuses about the share asked for")
  func share() {
    let refused = statuses(ratio: 0.1, seed: 1).filter { $0 == 503 }.count
    #expect((900...1100).contains(refused))
    #expect(statuses(ratio: 0, seed: 1).allSatisfy { $0 == 200 })
    #expect(statuses(ratio: 1, seed: 1).allSatisfy { $0 == 503 })
  }

  @Test("is the same for the same seed only")
  func seeded() {
    #expect(statuses(ratio: 0.5, seed: 7) == statuses(ratio: 0.5, seed: 7))
    #expect(statuses(ratio: 0.5, seed: 7) != statuses(ratio: 0.5, seed: 8))
  }
}
