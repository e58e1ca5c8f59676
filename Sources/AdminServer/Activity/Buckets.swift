import PrometheusMetrics

/// How many observations fell below each of some bounds, and what that says of them all.
struct Buckets: Hashable, Sendable {
  /// Upper bounds, ascending; empty where nothing is known.
  private(set) var bounds: [Double] = []
  /// One more than there are bounds; empty where nothing is known.
  private(set) var counts: [UInt64] = []

  init() {}

  init(_ reading: DistributionReading) {
    bounds = reading.bounds
    counts = reading.counts
  }

  var total: UInt64 { counts.reduce(0, &+) }

  /// What came since another moment; everything where less is counted now than then, for then the count began anew.
  func since(_ earlier: Buckets) -> Buckets {
    guard bounds == earlier.bounds, zip(counts, earlier.counts).allSatisfy({ $0 >= $1 }) else { return self }
    var difference = self
    for (index, count) in earlier.counts.enumerated() { difference.counts[index] -= count }
    return difference
  }

  mutating func add(_ others: Buckets) {
    guard !others.bounds.isEmpty else { return }
    guard bounds == others.bounds else {
      self = others
      return
    }
    for (index, count) in others.counts.enumerated() { counts[index] += count }
  }

  /// The value that this share of the observations does not exceed, taken to be spread evenly within each bucket; nil
  /// where there are none. Beyond the highest bound nothing is known but that bound.
  func quantile(_ share: Double) -> Double? {
    let total = total
    guard total > 0, let highest = bounds.last else { return nil }
    let rank = share * Double(total)
    var below: UInt64 = 0
    for (index, count) in counts.enumerated() {
      defer { below += count }
      guard count > 0, Double(below + count) >= rank else { continue }
      guard index < bounds.count else { return highest }
      let lower = index == 0 ? 0 : bounds[index - 1]
      return lower + (bounds[index] - lower) * (rank - Double(below)) / Double(count)
    }
    return highest
  }
}
