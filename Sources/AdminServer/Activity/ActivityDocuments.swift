/// `recent` of `/v1/stats`. What nothing is known of is absent.
struct RecentActivityDocument: Encodable {
  let windowSeconds: Double
  let callbacksPerSecond: Double
  let eventsPerSecond: Double
  let deliveredPerSecond: Double
  let acknowledgedP50Seconds: Double?
  let acknowledgedP99Seconds: Double?

  init(_ recent: RecentActivity) {
    windowSeconds = (recent.window / .seconds(1)).rounded(places: 3)
    callbacksPerSecond = recent.callbacksPerSecond.rounded(places: 3)
    eventsPerSecond = recent.eventsPerSecond.rounded(places: 3)
    deliveredPerSecond = recent.deliveredPerSecond.rounded(places: 3)
    acknowledgedP50Seconds = recent.acknowledgedP50?.rounded(places: 6)
    acknowledgedP99Seconds = recent.acknowledgedP99?.rounded(places: 6)
  }
}

/// `recent` of a subscriber. What nothing is known of is absent.
struct SubscriberActivityDocument: Encodable {
  let windowSeconds: Double
  let attempts: Int
  let successRate: Double?
  let attemptP50Seconds: Double?
  let attemptP99Seconds: Double?
  let deliveredPerSecond: Double
  let deliveredPerMinute: [Int]

  init(_ recent: SubscriberActivity) {
    windowSeconds = (recent.window / .seconds(1)).rounded(places: 3)
    attempts = recent.attempts
    successRate = recent.successRate?.rounded(places: 6)
    attemptP50Seconds = recent.attemptP50?.rounded(places: 6)
    attemptP99Seconds = recent.attemptP99?.rounded(places: 6)
    deliveredPerSecond = recent.deliveredPerSecond.rounded(places: 3)
    deliveredPerMinute = recent.deliveredPerMinute
  }
}

extension Double {
  /// What is computed from samples has no more digits that mean anything.
  fileprivate func rounded(places: Int) -> Double {
    let scale = (0..<places).reduce(1.0) { scale, _ in scale * 10 }
    return (self * scale).rounded() / scale
  }
}
