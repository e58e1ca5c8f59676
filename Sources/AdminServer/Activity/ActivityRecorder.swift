import PrometheusMetrics
import ServiceLifecycle
import Synchronization

/// Keeps the history of the process's activity: looks at its metrics again and again, from the opening of the door to
/// its end.
final class ActivityRecorder: Service {
  private let registry: PrometheusRegistry
  private let period: Duration
  private let now: @Sendable () -> ContinuousClock.Instant
  private let history: Mutex<ActivityHistory>

  init(
    registry: PrometheusRegistry, period: Duration, now: @escaping @Sendable () -> ContinuousClock.Instant = { .now }
  ) {
    self.registry = registry
    self.period = period
    self.now = now
    history = Mutex(ActivityHistory(from: now()))
  }

  func run() async throws {
    try? await cancelWhenGracefulShutdown {
      while true {
        try await Task.sleep(for: self.period)
        self.look()
      }
    }
  }

  func look() {
    let sample = ActivitySample(registry)
    let moment = now()
    history.withLock { $0.record(sample, at: moment) }
  }

  /// Nil before the first look.
  var recent: RecentActivity? { history.withLock(\.recent) }

  func recent(of subscriber: String) -> SubscriberActivity? { history.withLock { $0.recent(of: subscriber) } }
}
