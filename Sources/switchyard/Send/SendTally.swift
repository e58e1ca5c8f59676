import GatewayCore

/// What became of the calls so far.
struct SendTally: Sendable {
  struct Failure: Hashable, Sendable {
    var count: Int
    /// What was said of the first of its kind.
    var reason: String?
  }

  /// Percentiles are exact up to this many calls; of more, the first so many count.
  static let maxLatencies = 1_000_000
  /// Only this status is an OK to Tencent.
  static let okStatus = 200

  private(set) var done = 0
  private(set) var ok = 0
  /// By status, such as `503`, or by outcome, such as `timeout`.
  private(set) var failures: [String: Failure] = [:]
  private(set) var maxLatency: Duration = .zero
  private var latencies: [Duration] = []

  var failed: Int { done - ok }

  mutating func count(_ result: AttemptResult) {
    done += 1
    maxLatency = max(maxLatency, result.duration)
    if latencies.count < Self.maxLatencies { latencies.append(result.duration) }
    if Self.isOK(result) {
      ok += 1
    } else {
      failures[Self.name(of: result), default: Failure(count: 0, reason: result.error)].count += 1
    }
  }

  /// The latency that this share of the calls did not exceed, by nearest rank; each of `shares` is from 0 to 1.
  func latencies(at shares: [Double]) -> [Duration] {
    guard !latencies.isEmpty else { return shares.map { _ in .zero } }
    let sorted = latencies.sorted()
    return shares.map { share in
      let rank = Int((share * Double(sorted.count)).rounded(.up))
      return sorted[min(max(rank, 1), sorted.count) - 1]
    }
  }

  static func isOK(_ result: AttemptResult) -> Bool {
    result.outcome == .success && result.status == okStatus
  }

  /// The status where the answer was complete, else how the call failed.
  private static func name(of result: AttemptResult) -> String {
    switch result.outcome {
    case .success, .http3xx, .http4xx, .http5xx: result.status.map(String.init) ?? result.outcome.rawValue
    case .timeout, .connect, .dns, .tls, .blocked, .other: result.outcome.rawValue
    }
  }
}
