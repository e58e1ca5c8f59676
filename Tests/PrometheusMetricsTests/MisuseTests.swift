import CoreMetrics
import PrometheusMetrics
import Testing

@Suite("A programmer's error")
struct MisuseTests {
  @Test("a handle of a family that nobody declared ends the process")
  func undeclared() async {
    await #expect(processExitsWith: .failure) {
      _ = Counter(label: "test_total", factory: PrometheusRegistry())
    }
  }

  @Test("a handle of another kind than its family ends the process")
  func anotherKind() async {
    await #expect(processExitsWith: .failure) {
      let registry = PrometheusRegistry()
      registry.declare(name: "test_seconds", help: "Seconds.", kind: .histogram(buckets: [1]))
      _ = Gauge(label: "test_seconds", factory: registry)
    }
  }

  @Test("a counter whose name lacks its suffix ends the process")
  func counterName() async {
    await #expect(processExitsWith: .failure) {
      PrometheusRegistry().declare(name: "test_requests", help: "Requests.", kind: .counter)
    }
  }

  @Test("a label that stands twice ends the process")
  func labelTwice() async {
    await #expect(processExitsWith: .failure) {
      let registry = PrometheusRegistry()
      registry.declare(name: "test_total", help: "Twice.", kind: .counter)
      _ = Counter(label: "test_total", dimensions: [("a", "1"), ("a", "2")], factory: registry)
    }
  }
}
