import CoreMetrics
import PrometheusMetrics
import Testing

@Suite("promtool check metrics")
struct PromtoolTests {
  @Test("finds nothing in a text with every kind of family, odd labels and odd numbers")
  func findsNothing() async throws {
    let registry = PrometheusRegistry()
    registry.declare(name: "test_requests_total", help: "Requests, \"quoted\" \\ and\nbroken.", kind: .counter)
    registry.declare(name: "test_empty_total", help: "No series yet.", kind: .counter)
    registry.declare(name: "test_backlog", help: "What waits.", kind: .gauge)
    registry.declare(name: "test_duration_seconds", help: "How long.", kind: .histogram(buckets: [0.0005, 1, 259_200]))
    Counter(label: "test_requests_total", dimensions: [("a", "\\ \" \n 中")], factory: registry).increment()
    Gauge(label: "test_backlog", dimensions: [("a", "1")], factory: registry).record(Double.nan)
    Gauge(label: "test_backlog", dimensions: [("a", "2")], factory: registry).record(1e300)
    Recorder(label: "test_duration_seconds", aggregate: true, factory: registry).record(0.25)
    let verdict = try await Promtool.check(registry.exposition(openMetrics: false))
    #expect(verdict.findings == "")
    #expect(verdict.status == 0)
  }

  @Test("does find what is wrong, so that its silence means something")
  func findsSomething() async throws {
    let verdict = try await Promtool.check("# TYPE test_requests counter\ntest_requests 1\n")
    #expect(verdict.status != 0)
    #expect(verdict.findings.contains("test_requests"))
  }
}
