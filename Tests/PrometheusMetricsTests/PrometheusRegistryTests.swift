import CoreMetrics
import Testing

@testable import PrometheusMetrics

@Suite("The registry")
struct PrometheusRegistryTests {
  private let registry = PrometheusRegistry(readProcess: { nil })

  @Test("writes families and series in the order of their names, each family in one piece")
  func wholeText() {
    registry.declare(name: "test_requests_total", help: "Requests.", kind: .counter)
    registry.declare(name: "test_backlog", help: "What waits.", kind: .gauge)
    registry.declare(name: "test_duration_seconds", help: "How long.", kind: .histogram(buckets: [0.005, 1, 2.5]))
    Counter(label: "test_requests_total", dimensions: [("app", "2"), ("reason", "x")], factory: registry).increment()
    Counter(label: "test_requests_total", dimensions: [("reason", "a"), ("app", "2")], factory: registry)
      .increment(by: 41)
    Counter(label: "test_requests_total", dimensions: [("app", "1"), ("reason", "x")], factory: registry).reset()
    Gauge(label: "test_backlog", factory: registry).record(2.5)
    let duration = Recorder(label: "test_duration_seconds", aggregate: true, factory: registry)
    for value in [0.001, 0.005, 0.5, 2.5, 60] { duration.record(value) }
    #expect(
      registry.exposition(openMetrics: false) == """
        # HELP test_backlog What waits.
        # TYPE test_backlog gauge
        test_backlog 2.5
        # HELP test_duration_seconds How long.
        # TYPE test_duration_seconds histogram
        test_duration_seconds_bucket{le="0.005"} 2
        test_duration_seconds_bucket{le="1"} 3
        test_duration_seconds_bucket{le="2.5"} 4
        test_duration_seconds_bucket{le="+Inf"} 5
        test_duration_seconds_sum 63.006
        test_duration_seconds_count 5
        # HELP test_requests_total Requests.
        # TYPE test_requests_total counter
        test_requests_total{app="1",reason="x"} 0
        test_requests_total{app="2",reason="a"} 41
        test_requests_total{app="2",reason="x"} 1

        """)
  }

  @Test("writes OpenMetrics with its own names, bounds and end")
  func openMetrics() {
    registry.declare(name: "test_requests_total", help: #"Called "requests"."#, kind: .counter)
    registry.declare(name: "test_duration_seconds", help: "How long.", kind: .histogram(buckets: [0.5, 1]))
    Counter(label: "test_requests_total", factory: registry).increment()
    Recorder(label: "test_duration_seconds", dimensions: [("a", "b")], aggregate: true, factory: registry).record(1)
    #expect(
      registry.exposition(openMetrics: true) == #"""
        # HELP test_duration_seconds How long.
        # TYPE test_duration_seconds histogram
        test_duration_seconds_bucket{a="b",le="0.5"} 0
        test_duration_seconds_bucket{a="b",le="1.0"} 1
        test_duration_seconds_bucket{a="b",le="+Inf"} 1
        test_duration_seconds_sum{a="b"} 1
        test_duration_seconds_count{a="b"} 1
        # HELP test_requests Called \"requests\".
        # TYPE test_requests counter
        test_requests_total 1
        # EOF

        """#)
  }

  @Test("escapes labels and help, each by its own rule")
  func escaping() {
    registry.declare(name: "test_odd", help: "A \"quote\", a \\ and a\nline.", kind: .gauge)
    Gauge(label: "test_odd", dimensions: [("text", "a \"quote\", a \\ and a\nline, 中文")], factory: registry).record(1)
    #expect(
      registry.exposition(openMetrics: false) == #"""
        # HELP test_odd A "quote", a \\ and a\nline.
        # TYPE test_odd gauge
        test_odd{text="a \"quote\", a \\ and a\nline, 中文"} 1

        """#)
  }

  @Test("gives the same label and dimensions the same series, in whatever order they stand")
  func sameSeries() {
    registry.declare(name: "test_total", help: "Same.", kind: .counter)
    Counter(label: "test_total", dimensions: [("a", "1"), ("b", "2")], factory: registry).increment()
    Counter(label: "test_total", dimensions: [("b", "2"), ("a", "1")], factory: registry).increment()
    FloatingPointCounter(label: "test_total", dimensions: [("a", "1"), ("b", "2")], factory: registry)
      .increment(by: 0.5)
    #expect(samples("test_total") == [#"test_total{a="1",b="2"} 2.5"#])
  }

  @Test("shows a family without series by its two lines")
  func emptyFamily() {
    registry.declare(name: "test_total", help: "None yet.", kind: .counter)
    #expect(
      registry.exposition(openMetrics: false) == "# HELP test_total None yet.\n# TYPE test_total counter\n")
  }

  @Test("removes the series of a destroyed handle and starts a new one from zero")
  func destroy() {
    registry.declare(name: "test_total", help: "Goes.", kind: .counter)
    registry.declare(name: "test_level", help: "Goes.", kind: .gauge)
    registry.declare(name: "test_seconds", help: "Goes.", kind: .histogram(buckets: [1]))
    let counter = Counter(label: "test_total", dimensions: [("a", "1")], factory: registry)
    let stays = Counter(label: "test_total", dimensions: [("a", "2")], factory: registry)
    counter.increment(by: 3)
    stays.increment(by: 4)
    let gauge = Gauge(label: "test_level", factory: registry)
    let timer = Timer(label: "test_seconds", factory: registry)
    counter.destroy()
    gauge.destroy()
    timer.destroy()
    #expect(samples("test_total") == [#"test_total{a="2"} 4"#])
    #expect(samples("test_level").isEmpty && samples("test_seconds").isEmpty)
    let again = Counter(label: "test_total", dimensions: [("a", "1")], factory: registry)
    again.increment()
    counter.increment()
    counter.destroy()
    #expect(samples("test_total") == [#"test_total{a="1"} 1"#, #"test_total{a="2"} 4"#])
  }

  @Test("takes gauges, meters and plain recorders as gauges, and timers as histograms in seconds")
  func kinds() {
    registry.declare(name: "test_level", help: "Level.", kind: .gauge)
    registry.declare(name: "test_seconds", help: "Seconds.", kind: .histogram(buckets: [0.1, 1]))
    Recorder(label: "test_level", dimensions: [("by", "recorder")], aggregate: false, factory: registry).record(7)
    let meter = Meter(label: "test_level", dimensions: [("by", "meter")], factory: registry)
    meter.set(10)
    meter.increment(by: 2)
    meter.decrement(by: 0.5)
    Timer(label: "test_seconds", factory: registry).recordMilliseconds(250)
    #expect(samples("test_level") == [#"test_level{by="meter"} 11.5"#, #"test_level{by="recorder"} 7"#])
    #expect(samples("test_seconds").contains("test_seconds_sum 0.25"))
    #expect(samples("test_seconds").contains(#"test_seconds_bucket{le="1"} 1"#))
  }

  @Test(
    "writes numbers as Prometheus reads them",
    arguments: [
      (0, "0"), (-3, "-3"), (0.1, "0.1"), (1e15, "1000000000000000"), (1e300, "1e+300"), (5e-7, "5e-07"),
      (.nan, "NaN"), (.infinity, "+Inf"), (-.infinity, "-Inf"), (1_764_000_000.123, "1764000000.123"),
    ] as [(Double, String)])
  func numbers(value: Double, text: String) {
    registry.declare(name: "test_level", help: "Level.", kind: .gauge)
    Gauge(label: "test_level", factory: registry).record(value)
    #expect(samples("test_level") == ["test_level \(text)"])
  }

  @Test("keeps whole counts exact beyond what a Double holds")
  func largeCounts() {
    registry.declare(name: "test_total", help: "Many.", kind: .counter)
    let counter = Counter(label: "test_total", factory: registry)
    counter.increment(by: 9_007_199_254_740_993)
    #expect(samples("test_total") == ["test_total 9007199254740993"])
  }

  @Test("does not observe what is not a number")
  func notANumber() {
    registry.declare(name: "test_seconds", help: "Seconds.", kind: .histogram(buckets: [1]))
    let recorder = Recorder(label: "test_seconds", aggregate: true, factory: registry)
    recorder.record(Double.nan)
    recorder.record(2.0)
    #expect(samples("test_seconds").last == "test_seconds_count 1")
    #expect(samples("test_seconds").contains("test_seconds_sum 2"))
  }

  private func samples(_ family: String) -> [String] {
    registry.exposition(openMetrics: false).split(separator: "\n").map(String.init).filter { $0.hasPrefix(family) }
  }
}
