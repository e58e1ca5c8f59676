import GatewayCore
import PrometheusMetrics

/// What the process has counted until a moment, as far as its activity is shown.
struct ActivitySample: Hashable, Sendable {
  /// What was counted for one subscriber.
  struct Subscriber: Hashable, Sendable {
    /// Events.
    var delivered = 0
    var attempts = 0
    var successes = 0
    /// How long attempts took.
    var durations = Buckets()
  }

  var callbacks = 0
  var events = 0
  /// How long callbacks waited for their answers.
  var acknowledgements = Buckets()
  var subscribers: [String: Subscriber] = [:]
}

extension ActivitySample {
  /// Reads the process's own metrics.
  init(_ registry: PrometheusRegistry) {
    callbacks = Self.total(registry, .callbacksAccepted)
    events = Self.total(registry, .eventsAccepted)
    acknowledgements = registry.read(MetricFamily.ackDuration.name).first?.distribution.map(Buckets.init) ?? Buckets()
    for series in registry.read(MetricFamily.deliveries.name) where series.labels["result"] == "delivered" {
      change(series) { $0.delivered += Self.count(series) }
    }
    for series in registry.read(MetricFamily.deliveryAttempts.name) {
      change(series) { subscriber in
        subscriber.attempts += Self.count(series)
        if series.labels["outcome"] == AttemptOutcome.success.rawValue { subscriber.successes += Self.count(series) }
      }
    }
    for series in registry.read(MetricFamily.attemptDuration.name) {
      change(series) { $0.durations = series.distribution.map(Buckets.init) ?? Buckets() }
    }
  }

  private mutating func change(_ series: SeriesReading, _ change: (inout Subscriber) -> Void) {
    guard let name = series.labels["subscriber"] else { return }
    change(&subscribers[name, default: Subscriber()])
  }

  private static func total(_ registry: PrometheusRegistry, _ family: MetricFamily) -> Int {
    registry.read(family.name).reduce(0) { $0 + count($1) }
  }

  private static func count(_ series: SeriesReading) -> Int {
    series.number.flatMap { Int(exactly: $0.rounded()) } ?? 0
  }
}
