import GatewayCore
import Testing

@Suite("A rate limit that replays share")
struct RateLimitTests {
  private static func perSecond(_ limit: RateLimit) -> Double { Double(limit.count) / limit.period.inSeconds }

  @Test("stays what it is without replays")
  func alone() {
    let limit = RateLimit(count: 500, period: .seconds(1))
    let shared = limit.shared(withReplays: [])
    #expect(shared.live == limit)
    #expect(shared.replays.isEmpty)
  }

  @Test(
    "is never exceeded by all together, and leaves live delivery half", arguments: [1, 2, 3, 4, 7, 60, 500, 1_000_000])
  func together(count: Int) {
    for period in [Duration.seconds(1), .seconds(60), .seconds(3600)] {
      for replays in 1...5 {
        let limit = RateLimit(count: count, period: period)
        let own = (0..<replays).map { $0 == 1 ? RateLimit(count: 1, period: .seconds(60)) : nil }
        let shared = limit.shared(withReplays: own)
        let sum = ([shared.live] + shared.replays).map(Self.perSecond).reduce(0, +)
        #expect(sum <= Self.perSecond(limit) * 1.000_001, "\(count) in \(period) with \(replays)")
        // A replay's share is rounded up to whole requests.
        let half = Double(count) / 2 - Double(replays)
        #expect(Self.perSecond(shared.live) >= half / period.inSeconds)
        #expect(shared.replays.count == replays)
      }
    }
  }

  @Test("is no more for a replay than it has itself")
  func ownLimit() {
    let own = RateLimit(count: 5, period: .seconds(1))
    let shared = RateLimit(count: 100, period: .seconds(1)).shared(withReplays: [own])
    #expect(shared.replays == [own])
    #expect(shared.live == RateLimit(count: 95, period: .seconds(1)))
  }
}
