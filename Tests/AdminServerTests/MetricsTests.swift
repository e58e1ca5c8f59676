import CoreMetrics
import Foundation
import GatewayCore
import PrometheusMetrics
import TestSupport
import Testing

@testable import AdminServer

@Suite("/metrics")
struct MetricsTests {
  /// As Prometheus 2.42 asks.
  private static let prometheusAccept =
    "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,"
    + "text/plain;version=0.0.4;q=0.5,*/*;q=0.1"

  @Test("is Prometheus text unless OpenMetrics is asked for")
  func negotiation() async throws {
    let registry = PrometheusRegistry()
    registry.declare(name: "test_total", help: "Test.", kind: .counter)
    try await Door.open(registry: registry) { door in
      let text = try await door.send("GET", "/metrics")
      #expect(text.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8")
      #expect(text.body.contains("# TYPE test_total counter\n") && !text.body.contains("# EOF"))
      let openMetrics = try await door.send("GET", "/metrics", ["Accept": Self.prometheusAccept])
      #expect(
        openMetrics.headers["content-type"] == "application/openmetrics-text; version=1.0.0; charset=utf-8")
      #expect(openMetrics.body.contains("# TYPE test counter\n") && openMetrics.body.hasSuffix("# EOF\n"))
    }
  }

  @Test("waits for the gauges to be brought up to date")
  func refreshed() async throws {
    let registry = PrometheusRegistry()
    registry.declare(name: "test_level", help: "Test.", kind: .gauge)
    let gauge = Meter(label: "test_level", factory: registry)
    try await Door.open(registry: registry, refreshGauges: { gauge.increment(by: 1) }) { door in
      for round in 1...2 {
        let response = try await door.send("GET", "/metrics")
        #expect(response.body.contains("\ntest_level \(round)\n"))
      }
    }
  }

  @Test("finds favour with promtool, all families of the gateway in it")
  func promtool() async throws {
    let registry = PrometheusRegistry()
    for family in MetricFamily.all { registry.declare(family) }
    for family in MetricFamily.all { registry.feed(family) }
    try await Door.open(registry: registry) { door in
      let verdict = try await shell("curl -sS http://127.0.0.1:\(door.port)/metrics | promtool check metrics 2>&1")
      #expect(verdict.output == "")
      #expect(verdict.status == 0)
      let body = try await door.send("GET", "/metrics").body
      for family in MetricFamily.all { #expect(body.contains("# TYPE \(family.name) ")) }
    }
  }

  /// Runs one line of shell; a pipe fails if any part of it does.
  private func shell(_ line: String) async throws -> (status: Int32, output: String) {
    let result = try await Command(["bash", "-c", "set -o pipefail; \(line)"]).run()
    return (result.status, result.text)
  }
}

extension PrometheusRegistry {
  fileprivate func declare(_ family: MetricFamily) {
    let kind: MetricKind =
      switch family.kind {
      case .counter: .counter
      case .gauge: .gauge
      case .histogram(let buckets): .histogram(buckets: buckets)
      }
    declare(name: family.name, help: family.help, kind: kind)
  }

  fileprivate func feed(_ family: MetricFamily) {
    let labels = [("subscriber", "moderation"), ("state", "half_open")]
    switch family.kind {
    case .counter: Counter(label: family.name, dimensions: labels, factory: self).increment(by: 3)
    case .gauge: Gauge(label: family.name, dimensions: labels, factory: self).record(1.5)
    case .histogram: Recorder(label: family.name, dimensions: labels, aggregate: true, factory: self).record(0.2)
    }
  }
}
