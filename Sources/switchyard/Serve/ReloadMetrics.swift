import CoreMetrics
import GatewayCore

/// What the metrics say of reloads.
struct ReloadMetrics: Sendable {
  private let successes: Counter
  private let failures: Counter
  private let isGood: Gauge
  private let lastSuccess: Gauge

  init(factory: any MetricsFactory) {
    let reloads = MetricFamily.routesReloads.name
    successes = Counter(label: reloads, dimensions: [("result", "success")], factory: factory)
    failures = Counter(label: reloads, dimensions: [("result", "failure")], factory: factory)
    isGood = Gauge(label: MetricFamily.routesLastReloadSuccessful.name, factory: factory)
    lastSuccess = Gauge(label: MetricFamily.routesLastReloadSuccess.name, factory: factory)
  }

  /// The first load is no reload, but says whether the file is good.
  func started(isGood good: Bool, at moment: Timestamp) {
    isGood.record(good ? 1 : 0)
    lastSuccess.record(good ? Double(moment.milliseconds) / 1000 : 0)
  }

  func succeeded(at moment: Timestamp) {
    successes.increment()
    isGood.record(1)
    lastSuccess.record(Double(moment.milliseconds) / 1000)
  }

  func failed() {
    failures.increment()
    isGood.record(0)
  }
}
