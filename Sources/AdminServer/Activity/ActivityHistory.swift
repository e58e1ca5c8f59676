/// What happened of late, told from samples of counters that only grow.
///
/// A counter that is lower than before began anew, at zero: its series was removed and made again, as a reload does.
/// Rates are over the last half minute, all else over the last five minutes, as far as the process has seen them.
///
/// Bounds: for each subscriber 1.5 kB of minutes, 12 points of its attempts (2 kB) and 17 of its deliveries (0.5 kB);
/// 4 MB for 1,000 subscribers. A subscriber that is no longer counted is forgotten.
struct ActivityHistory: Sendable {
  typealias Instant = ContinuousClock.Instant

  static let rateStep: Duration = .seconds(2)
  static let rateSpan: Duration = .seconds(30)
  static let windowStep: Duration = .seconds(30)
  static let windowSpan: Duration = .seconds(300)

  private var last = ActivitySample()
  private var lastAt: Instant
  private var callbacks: Trail<Int>
  private var events: Trail<Int>
  private var delivered: Trail<Int>
  private var acknowledgements: Trail<Buckets>
  private var totals = Totals()
  private var subscribers: [String: SubscriberHistory] = [:]
  private(set) var isEmpty = true

  private struct Totals {
    var callbacks = 0
    var events = 0
    var delivered = 0
    var acknowledgements = Buckets()
  }

  /// - Parameter start: When all counters were zero.
  init(from start: Instant) {
    lastAt = start
    callbacks = Trail(step: Self.rateStep, span: Self.rateSpan, from: start, 0)
    events = callbacks
    delivered = callbacks
    acknowledgements = Trail(step: Self.windowStep, span: Self.windowSpan, from: start, Buckets())
  }

  mutating func record(_ sample: ActivitySample, at now: Instant) {
    recordSubscribers(sample, at: now)
    totals.callbacks += Self.increase(sample.callbacks, since: last.callbacks)
    totals.events += Self.increase(sample.events, since: last.events)
    totals.acknowledgements.add(sample.acknowledgements.since(last.acknowledgements))
    callbacks.record(totals.callbacks, at: now)
    events.record(totals.events, at: now)
    delivered.record(totals.delivered, at: now)
    acknowledgements.record(totals.acknowledgements, at: now)
    (last, lastAt, isEmpty) = (sample, now, false)
  }

  /// Nil before the first sample.
  var recent: RecentActivity? {
    guard !isEmpty else { return nil }
    let (window, before, now) = acknowledgements.reach
    let answered = now.since(before)
    return RecentActivity(
      window: window, callbacksPerSecond: callbacks.perSecond, eventsPerSecond: events.perSecond,
      deliveredPerSecond: delivered.perSecond, acknowledgedP50: answered.quantile(0.5),
      acknowledgedP99: answered.quantile(0.99))
  }

  /// Nil for one that is not counted yet.
  func recent(of subscriber: String) -> SubscriberActivity? { subscribers[subscriber]?.recent }

  private mutating func recordSubscribers(_ sample: ActivitySample, at now: Instant) {
    for (name, counted) in sample.subscribers {
      let before = last.subscribers[name] ?? ActivitySample.Subscriber()
      let increase = ActivitySample.Subscriber(
        delivered: Self.increase(counted.delivered, since: before.delivered),
        attempts: Self.increase(counted.attempts, since: before.attempts),
        successes: Self.increase(counted.successes, since: before.successes),
        durations: counted.durations.since(before.durations))
      totals.delivered += increase.delivered
      subscribers[name, default: SubscriberHistory(from: lastAt)].add(increase, at: now)
    }
    for name in subscribers.keys where sample.subscribers[name] == nil { subscribers[name] = nil }
  }

  private static func increase(_ count: Int, since before: Int) -> Int { count < before ? count : count - before }
}

/// What happened of late at one subscriber.
private struct SubscriberHistory: Sendable {
  private var totals = ActivitySample.Subscriber()
  private var delivered: Trail<Int>
  private var window: Trail<ActivitySample.Subscriber>
  private var minutes: MinuteCounts

  init(from start: ContinuousClock.Instant) {
    delivered = Trail(step: ActivityHistory.rateStep, span: ActivityHistory.rateSpan, from: start, 0)
    window = Trail(
      step: ActivityHistory.windowStep, span: ActivityHistory.windowSpan, from: start, ActivitySample.Subscriber())
    minutes = MinuteCounts(from: start)
  }

  mutating func add(_ increase: ActivitySample.Subscriber, at now: ContinuousClock.Instant) {
    totals.delivered += increase.delivered
    totals.attempts += increase.attempts
    totals.successes += increase.successes
    totals.durations.add(increase.durations)
    delivered.record(totals.delivered, at: now)
    window.record(totals, at: now)
    minutes.add(increase.delivered, at: now)
  }

  var recent: SubscriberActivity {
    let (duration, before, now) = window.reach
    let attempts = now.attempts - before.attempts
    let durations = now.durations.since(before.durations)
    return SubscriberActivity(
      window: duration, attempts: attempts,
      successRate: attempts > 0 ? min(1, Double(now.successes - before.successes) / Double(attempts)) : nil,
      attemptP50: durations.quantile(0.5), attemptP99: durations.quantile(0.99),
      deliveredPerSecond: delivered.perSecond, deliveredPerMinute: minutes.perMinute)
  }
}
