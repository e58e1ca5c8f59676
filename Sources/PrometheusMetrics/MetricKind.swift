/// What the samples of a family mean, and how handles may be made of it.
package enum MetricKind: Hashable, Sendable {
  /// Only grows. Made by `Counter` and `FloatingPointCounter`; the name must end in `_total`.
  case counter
  /// Any value at any moment. Made by `Gauge`, `Meter` and `Recorder(aggregate: false)`.
  case gauge
  /// A distribution over buckets, given by their upper bounds, ascending and without infinity. Made by
  /// `Recorder(aggregate: true)` in the family's own unit, and by `Timer` in seconds.
  case histogram(buckets: [Double])

  /// The word in a `# TYPE` line.
  var name: String {
    switch self {
    case .counter: "counter"
    case .gauge: "gauge"
    case .histogram: "histogram"
    }
  }
}
