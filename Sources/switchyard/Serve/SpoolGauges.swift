import CoreMetrics
import GatewayCore
import Spool

/// Sets the gauges of the spool, just before they are read: also while the journal is away and tells nothing. Without a
/// spool they are zero.
struct SpoolGauges: Sendable {
  private let callbacks: Gauge
  private let oldest: Gauge

  init(factory: any MetricsFactory) {
    callbacks = Gauge(label: MetricFamily.spoolCallbacks.name, factory: factory)
    oldest = Gauge(label: MetricFamily.spoolOldest.name, factory: factory)
    // For a gateway without a spool, which never counts one.
    _ = Counter(label: MetricFamily.spooledCallbacks.name, factory: factory)
    callbacks.record(0)
    oldest.record(0)
  }

  func show(_ spool: Spool?) async {
    guard let spool else { return }
    callbacks.record(spool.depth)
    guard let moment = try? await spool.oldest() else { return oldest.record(0) }
    oldest.record(Double(moment.milliseconds) / 1000)
  }
}
