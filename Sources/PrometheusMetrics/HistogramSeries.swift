import CoreMetrics
import Synchronization

/// A distribution: how many observations fell into each bucket, and their sum.
///
/// The count is the sum of the buckets as one look finds them, so that it always equals the last bucket. What is not a
/// number is not observed: it would spoil the sum for good.
final class HistogramSeries: RecordedSeries, RecorderHandler, TimerHandler {
  let family: String
  let labels: LabelSet
  private let bounds: [Double]
  /// One more than there are bounds: the last takes what is beyond them all.
  private let buckets: [AtomicCount]
  private let sum = AtomicDouble()

  init?(family: String, labels: LabelSet, kind: MetricKind) {
    guard case .histogram(let bounds) = kind else { return nil }
    self.family = family
    self.labels = labels
    self.bounds = bounds
    buckets = (0...bounds.count).map { _ in AtomicCount() }
  }

  func record(_ value: Int64) { record(Double(value)) }

  func record(_ value: Double) {
    guard !value.isNaN else { return }
    let index = bounds.firstIndex { value <= $0 } ?? bounds.count
    buckets[index].increment()
    sum.add(value)
  }

  func recordNanoseconds(_ duration: Int64) { record(Double(duration) / 1e9) }

  func write(to writer: inout ExpositionWriter) {
    var count: UInt64 = 0
    for (index, bucket) in buckets.enumerated() {
      count += bucket.value
      writer.bucket(family, labels, upTo: index < bounds.count ? bounds[index] : .infinity, count)
    }
    writer.sample(family + "_sum", labels, ExpositionText.number(sum.value))
    writer.sample(family + "_count", labels, String(count))
  }

  func read() -> SeriesReading.Value {
    .distribution(DistributionReading(bounds: bounds, counts: buckets.map(\.value), sum: sum.value))
  }
}

/// A count that many threads raise without a lock. It is a class because an array holds only what can be copied.
private final class AtomicCount: Sendable {
  private let number = Atomic<UInt64>(0)

  var value: UInt64 { number.load(ordering: .relaxed) }

  func increment() { number.wrappingAdd(1, ordering: .relaxed) }
}
