import CoreMetrics
import Synchronization

/// Keeps what is counted and recorded, by `name{label="value",…}`.
final class RecordingMetrics: MetricsFactory {
  private let counters = Mutex<[String: RecordingCounter]>([:])
  private let recorders = Mutex<[String: RecordingRecorder]>([:])

  /// Nil when there is no such series.
  subscript(_ series: String) -> Int64? { counters.withLock { $0[series]?.value } }

  /// How many values were recorded; nil when there is no such series.
  func count(of series: String) -> Int? { recorders.withLock { $0[series]?.count } }

  /// All series there are of one subscriber.
  func series(of subscriber: String) -> Set<String> {
    let names = counters.withLock { Set($0.keys) }.union(recorders.withLock { Set($0.keys) })
    return names.filter { $0.contains("subscriber=\"\(subscriber)\"") }
  }

  func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
    let series = name(label, dimensions)
    return counters.withLock { counters in
      let counter = counters[series] ?? RecordingCounter(series: series)
      counters[series] = counter
      return counter
    }
  }

  func makeRecorder(label: String, dimensions: [(String, String)], aggregate: Bool) -> any RecorderHandler {
    let series = name(label, dimensions)
    return recorders.withLock { recorders in
      let recorder = recorders[series] ?? RecordingRecorder(series: series)
      recorders[series] = recorder
      return recorder
    }
  }

  func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
    fatalError("deliveries have no timers: \(label)")
  }

  func destroyCounter(_ handler: any CounterHandler) {
    guard let counter = handler as? RecordingCounter else { return }
    counters.withLock { $0[counter.series] = nil }
  }

  func destroyRecorder(_ handler: any RecorderHandler) {
    guard let recorder = handler as? RecordingRecorder else { return }
    recorders.withLock { $0[recorder.series] = nil }
  }

  func destroyTimer(_ handler: any TimerHandler) {}

  private func name(_ label: String, _ dimensions: [(String, String)]) -> String {
    dimensions.isEmpty ? label : label + "{" + dimensions.map { "\($0)=\"\($1)\"" }.joined(separator: ",") + "}"
  }
}

final class RecordingCounter: CounterHandler {
  let series: String
  private let total = Atomic<Int64>(0)

  init(series: String) { self.series = series }

  var value: Int64 { total.load(ordering: .relaxed) }

  func increment(by amount: Int64) { total.add(amount, ordering: .relaxed) }
  func reset() { total.store(0, ordering: .relaxed) }
}

final class RecordingRecorder: RecorderHandler {
  let series: String
  private let values = Atomic<Int>(0)

  init(series: String) { self.series = series }

  var count: Int { values.load(ordering: .relaxed) }

  func record(_ value: Int64) { values.add(1, ordering: .relaxed) }
  func record(_ value: Double) { values.add(1, ordering: .relaxed) }
}
