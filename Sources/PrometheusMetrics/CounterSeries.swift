import CoreMetrics
import Synchronization

/// A number that only grows, from zero at the start of the process.
///
/// Whole increments are counted apart from fractions, so that they stay exact for ever. An increment that is negative
/// or not a number is a programmer's error; a release build passes over it, for no figure is worth a crash.
final class CounterSeries: RecordedSeries, CounterHandler, FloatingPointCounterHandler {
  let family: String
  let labels: LabelSet
  private let whole = Atomic<Int64>(0)
  private let fraction = AtomicDouble()

  init?(family: String, labels: LabelSet, kind: MetricKind) {
    guard kind == .counter else { return nil }
    self.family = family
    self.labels = labels
  }

  func increment(by amount: Int64) {
    assert(amount >= 0, "\(family) is a counter and only grows")
    guard amount > 0 else { return }
    whole.wrappingAdd(amount, ordering: .relaxed)
  }

  func increment(by amount: Double) {
    assert(amount >= 0, "\(family) is a counter and only grows")
    guard amount > 0 else { return }
    fraction.add(amount)
  }

  func reset() {
    whole.store(0, ordering: .relaxed)
    fraction.store(0)
  }

  func write(to writer: inout ExpositionWriter) {
    let whole = whole.load(ordering: .relaxed)
    let fraction = fraction.value
    writer.sample(family, labels, fraction == 0 ? String(whole) : ExpositionText.number(Double(whole) + fraction))
  }

  func read() -> SeriesReading.Value { .number(Double(whole.load(ordering: .relaxed)) + fraction.value) }
}
