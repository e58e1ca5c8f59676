import GatewayCore
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

  @Test("follows the published sequence of SplitMix64, in every version")
  func sequence() {
    var published = SplitMix64(seed: 1_234_567)
    #expect(
      (0..<5).map { _ in published.next() } == [
        6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423, 4_593_380_528_125_082_431,
        16_408_922_859_458_223_821,
      ])
    var fractions = SplitMix64(seed: 1_234_567)
    #expect((0..<5).map { _ in fractions.nextFraction() < 0.25 } == [false, true, false, true, false])
    #expect(statuses(ratio: 0.25, seed: 1_234_567, count: 5) == [200, 503, 200, 503, 200])
  }

  @Test("is the same for the same seed only")
  func seeded() {
    #expect(statuses(ratio: 0.5, seed: 7) == statuses(ratio: 0.5, seed: 7))
    #expect(statuses(ratio: 0.5, seed: 7) != statuses(ratio: 0.5, seed: 8))
  }
}
