/// One series as it was at a moment.
package struct SeriesReading: Hashable, Sendable {
  package enum Value: Hashable, Sendable {
    /// Of a counter or gauge.
    case number(Double)
    case distribution(DistributionReading)
  }

  package let labels: [String: String]
  package let value: Value

  package var number: Double? {
    if case .number(let number) = value { number } else { nil }
  }

  package var distribution: DistributionReading? {
    if case .distribution(let distribution) = value { distribution } else { nil }
  }
}

/// What a histogram had counted at a moment.
package struct DistributionReading: Hashable, Sendable {
  /// Upper bounds, ascending, without infinity.
  package let bounds: [Double]
  /// How many observations fell into each bucket, not summed up; one more than there are bounds.
  package let counts: [UInt64]
  package let sum: Double

  package init(bounds: [Double], counts: [UInt64], sum: Double) {
    precondition(counts.count == bounds.count + 1, "a bucket is missing")
    self.bounds = bounds
    self.counts = counts
    self.sum = sum
  }
}
