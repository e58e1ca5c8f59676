/// The last minutes of the gateway as a whole. What nothing is known of is nil.
struct RecentActivity: Hashable, Sendable {
  /// What the quantiles are over.
  let window: Duration
  let callbacksPerSecond: Double
  let eventsPerSecond: Double
  let deliveredPerSecond: Double
  /// Seconds; so the next.
  let acknowledgedP50: Double?
  let acknowledgedP99: Double?
}

/// The last minutes of one subscriber. What nothing is known of is nil.
struct SubscriberActivity: Hashable, Sendable {
  /// What the attempts, their success and the quantiles are over.
  let window: Duration
  let attempts: Int
  let successRate: Double?
  /// Seconds; so the next.
  let attemptP50: Double?
  let attemptP99: Double?
  let deliveredPerSecond: Double
  /// Of the last hour, oldest first.
  let deliveredPerMinute: [Int]
}
