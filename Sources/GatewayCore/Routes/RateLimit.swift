/// How many requests a subscriber takes in some time at most, as operators write it: `500/s`, `60/m`, `1000/h`.
package struct RateLimit: Hashable, Sendable {
  package static let counts = 1...1_000_000

  package var count: Int
  package var period: Duration

  package init(count: Int, period: Duration) {
    precondition(Self.counts.contains(count) && period > .zero, "a rate limit lets something through")
    self.count = count
    self.period = period
  }

  /// Nil for anything but a whole number in `counts` and one of `/s`, `/m`, `/h`.
  package init?(text: some StringProtocol) {
    let digits = text.prefix { ("0"..."9").contains($0) }
    guard let count = Int(digits), Self.counts.contains(count) else { return nil }
    switch text[digits.endIndex...] {
    case "/s": self.init(count: count, period: .seconds(1))
    case "/m": self.init(count: count, period: .seconds(60))
    case "/h": self.init(count: count, period: .seconds(3600))
    default: return nil
    }
  }
}

extension RateLimit {
  /// As operators write it, where they can: a period that is no second, minute or hour stands in seconds.
  package var text: String {
    switch period {
    case .seconds(1): "\(count)/s"
    case .seconds(60): "\(count)/m"
    case .seconds(3600): "\(count)/h"
    default: "\(count)/\(period.text)"
    }
  }
}
