import CoreMetrics
import Testing

@testable import PrometheusMetrics

@Suite("Series read as values")
struct ReadingTests {
  private let registry = PrometheusRegistry(readProcess: { nil })

  @Test("a counter and a gauge are numbers, with their labels as they were given")
  func numbers() {
    registry.declare(name: "test_total", help: "Test.", kind: .counter)
    registry.declare(name: "test_level", help: "Test.", kind: .gauge)
    let odd = #"a "quoted" \ name"# + "\n"
    Counter(label: "test_total", dimensions: [("b", odd), ("a", "1")], factory: registry).increment(by: 3)
    FloatingPointCounter(label: "test_total", dimensions: [("a", "2")], factory: registry).increment(by: 0.5)
    Gauge(label: "test_level", factory: registry).record(-1.5)
    #expect(
      Set(registry.read("test_total")) == [
        SeriesReading(labels: ["a": "1", "b": odd], value: .number(3)),
        SeriesReading(labels: ["a": "2"], value: .number(0.5)),
      ])
    #expect(registry.read("test_level") == [SeriesReading(labels: [:], value: .number(-1.5))])
  }

  @Test("a histogram is its buckets, each by itself")
  func distribution() {
    registry.declare(name: "test_seconds", help: "Test.", kind: .histogram(buckets: [0.5, 1]))
    let recorder = Recorder(label: "test_seconds", dimensions: [("a", "1")], aggregate: true, factory: registry)
    for value in [0.25, 0.5, 0.75, 4] { recorder.record(value) }
    #expect(
      registry.read("test_seconds") == [
        SeriesReading(
          labels: ["a": "1"], value: .distribution(DistributionReading(bounds: [0.5, 1], counts: [2, 1, 1], sum: 5.5)))
      ])
  }

  @Test("a family without series, or that nobody declared, has none")
  func none() {
    registry.declare(name: "test_total", help: "Test.", kind: .counter)
    #expect(registry.read("test_total") == [])
    #expect(registry.read("other_total") == [])
  }

  @Test("a series that was removed is gone, and begins anew at zero")
  func removed() {
    registry.declare(name: "test_total", help: "Test.", kind: .counter)
    let counter = Counter(label: "test_total", factory: registry)
    counter.increment(by: 2)
    counter.destroy()
    #expect(registry.read("test_total") == [])
    Counter(label: "test_total", factory: registry).increment()
    #expect(registry.read("test_total").map(\.number) == [1])
  }
}
