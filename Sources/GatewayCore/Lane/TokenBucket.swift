/// A token bucket: each request takes a token, tokens come at an even pace, and the bucket holds few.
///
/// No stretch of time as long as the limit's period sees more requests than the limit says, wherever it begins. A bucket
/// that held as many tokens as the limit has would let twice as many through around an idle moment. So it holds few,
/// and the pace is slower by as many: at worst a twentieth, with a limit by the second.
package struct TokenBucket: Hashable, Sendable {
  /// It holds what comes in this time, at least one: a lane that waits looks again only every so often.
  private static let heldTime = Duration.milliseconds(50)

  private var limit: RateLimit
  private var tokens: Double
  private var refilledAt: Timestamp

  /// - Parameter isEmpty: Whether it begins without a token.
  package init(_ limit: RateLimit, now: Timestamp, isEmpty: Bool = false) {
    self.limit = limit
    tokens = isEmpty ? 0 : Double(Self.capacity(limit))
    refilledAt = now
  }

  /// Takes a token; false if there is none.
  package mutating func take(now: Timestamp) -> Bool {
    refill(now)
    guard tokens >= 1 else { return false }
    tokens -= 1
    return true
  }

  /// When there is a token again; now or earlier if there is one.
  package func nextToken() -> Timestamp {
    guard tokens < 1 else { return refilledAt }
    return refilledAt + .milliseconds(Int64(((1 - tokens) / tokensPerMillisecond).rounded(.up)))
  }

  /// Goes on under another limit with the tokens that are there, as far as it may hold them.
  package mutating func update(_ limit: RateLimit, now: Timestamp) {
    refill(now)
    self.limit = limit
    tokens = min(tokens, Double(Self.capacity(limit)))
  }

  private mutating func refill(_ now: Timestamp) {
    let passed = (now - refilledAt).milliseconds
    // Where the clock was set back it goes on from there.
    refilledAt = now
    guard passed > 0 else { return }
    tokens = min(Double(Self.capacity(limit)), tokens + Double(passed) * tokensPerMillisecond)
  }

  private static func capacity(_ limit: RateLimit) -> Int {
    max(1, Int(Double(limit.count) * (heldTime / limit.period)))
  }

  /// What is held at the beginning of a period and what comes during it are as many as the limit together.
  private var tokensPerMillisecond: Double {
    Double(limit.count + 1 - Self.capacity(limit)) / Double(limit.period.milliseconds)
  }
}
