import CoreMetrics
import GatewayCore

/// The handles of one subscriber's metrics, made once.
struct DeliveryMetrics: Sendable {
  private let factory: any MetricsFactory
  private let attempts: [AttemptOutcome: Counter]
  private let attemptDuration: Recorder
  private let lag: Recorder
  let delivered: Counter
  let dead: Counter
  let expired: Counter

  init(subscriber: String, factory: any MetricsFactory) {
    self.factory = factory
    let label = ("subscriber", subscriber)
    func counter(_ family: MetricFamily, _ extra: (String, String)) -> Counter {
      Counter(label: family.name, dimensions: [label, extra], factory: factory)
    }
    attempts = Dictionary(
      uniqueKeysWithValues: AttemptOutcome.allCases.map { outcome in
        (outcome, counter(.deliveryAttempts, ("outcome", outcome.rawValue)))
      })
    attemptDuration = Recorder(
      label: MetricFamily.attemptDuration.name, dimensions: [label], aggregate: true, factory: factory)
    lag = Recorder(label: MetricFamily.deliveryLag.name, dimensions: [label], aggregate: true, factory: factory)
    delivered = counter(.deliveries, ("result", "delivered"))
    dead = counter(.deliveries, ("result", "dead"))
    expired = counter(.deliveries, ("result", "expired"))
  }

  func record(_ result: AttemptResult) {
    attempts[result.outcome]?.increment()
    attemptDuration.record(result.duration.inSeconds)
  }

  /// - Parameter lag: Of the first of the events; nil where it is not to be recorded.
  func recordDelivery(events: Int, lag duration: Duration?) {
    delivered.increment(by: events)
    guard let duration else { return }
    for _ in 0..<events { lag.record(max(0, duration.inSeconds)) }
  }

  /// Takes the series away: the subscriber has gone from the routes file.
  func remove() {
    for counter in attempts.values { counter.destroy() }
    for counter in [delivered, dead, expired] { counter.destroy() }
    attemptDuration.destroy()
    lag.destroy()
  }
}
