import GatewayCore
import Testing

@Suite("A rate limit")
struct TokenBucketTests {
  private static let limits = ["1/s", "2/s", "20/s", "500/s", "10000/s", "1/m", "60/m", "6000/m", "7/h", "1000/h"]
  private let start = Timestamp(seconds: 1_000_000)

  /// Can be changed within an expectation.
  private final class Bucket {
    private var value: TokenBucket

    init(_ text: String, now: Timestamp) throws { value = TokenBucket(try #require(RateLimit(text: text)), now: now) }

    func take(now: Timestamp) -> Bool { value.take(now: now) }
    func nextToken() -> Timestamp { value.nextToken() }
    func update(_ text: String, now: Timestamp) throws {
      value.update(try #require(RateLimit(text: text)), now: now)
    }
  }

  @Test(
    "is a number and a period",
    arguments: [("500/s", 500, 1), ("60/m", 60, 60), ("1000/h", 1000, 3600), ("1000000/s", 1_000_000, 1)])
  func text(text: String, count: Int, seconds: Int) {
    #expect(RateLimit(text: text) == RateLimit(count: count, period: .seconds(seconds)))
  }

  @Test("is nothing else", arguments: ["", "5", "/s", "0/s", "5/d", "5/S", "5 /s", "-5/s", "1000001/s", "5/s "])
  func noText(text: String) { #expect(RateLimit(text: text) == nil) }

  /// Whoever always asks takes as much as there is; whoever pauses first finds the bucket full.
  @Test("lets no stretch of its period see more than it says, and not much less", arguments: limits)
  func everyStretch(text: String) throws {
    let limit = try #require(RateLimit(text: text))
    let period = limit.period.milliseconds
    let step = max(1, period / 20_000)
    let bucket = try Bucket(text, now: start)
    var taken: [Int64] = []
    for time in stride(from: 0, to: 4 * period, by: Int(step)) where !(period..<(2 * period)).contains(Int64(time)) {
      while bucket.take(now: start + .milliseconds(Int64(time))) { taken.append(Int64(time)) }
    }
    var oldest = 0
    for (index, time) in taken.enumerated() {
      while taken[oldest] <= time - period { oldest += 1 }
      #expect(index - oldest + 1 <= limit.count)
    }
    let last = taken.count { $0 >= 3 * period }
    #expect(last * 100 >= (limit.count - 1) * 95)
  }

  @Test("tells when the next request may go", arguments: limits)
  func nextToken(text: String) throws {
    let bucket = try Bucket(text, now: start)
    var now = start
    for _ in 0..<50 {
      while bucket.take(now: now) {}
      let next = bucket.nextToken()
      #expect(next > now)
      let before = Timestamp(milliseconds: next.milliseconds - 1)
      #expect(before == now || !bucket.take(now: before))
      #expect(bucket.take(now: next))
      now = next
    }
  }

  @Test("brings no tokens when it is changed, and goes on under the new pace")
  func change() throws {
    let bucket = try Bucket("10/s", now: start)
    #expect(bucket.take(now: start))
    for text in ["1000/s", "1/h", "10/s"] {
      try bucket.update(text, now: start)
      #expect(!bucket.take(now: start))
    }
    try bucket.update("2/s", now: start)
    #expect(!bucket.take(now: start + .milliseconds(499)))
    #expect(bucket.take(now: start + .milliseconds(500)))
  }

  @Test("goes on when the clock is set back")
  func clockSetBack() throws {
    let bucket = try Bucket("1/s", now: start)
    #expect(bucket.take(now: start))
    let earlier = Timestamp(milliseconds: start.milliseconds - 3_600_000)
    #expect(!bucket.take(now: earlier))
    #expect(bucket.take(now: earlier + .seconds(1)))
  }
}
