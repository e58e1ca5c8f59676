import CoreMetrics

/// A number that may be anything at any moment; zero until it is first set.
final class GaugeSeries: RecordedSeries, RecorderHandler, MeterHandler {
  let family: String
  let labels: LabelSet
  private let number = AtomicDouble()

  init?(family: String, labels: LabelSet, kind: MetricKind) {
    guard kind == .gauge else { return nil }
    self.family = family
    self.labels = labels
  }

  func record(_ value: Int64) { number.store(Double(value)) }
  func record(_ value: Double) { number.store(value) }
  func set(_ value: Int64) { number.store(Double(value)) }
  func set(_ value: Double) { number.store(value) }
  func increment(by amount: Double) { number.add(amount) }
  func decrement(by amount: Double) { number.add(-amount) }

  func write(to writer: inout ExpositionWriter) {
    writer.sample(family, labels, ExpositionText.number(number.value))
  }

  func read() -> SeriesReading.Value { .number(number.value) }
}
