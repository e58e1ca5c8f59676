/// What of a subscriber's settings decides how its lane goes.
package struct LaneSettings: Hashable, Sendable {
  /// Attempts in flight at most.
  package var concurrency: Int
  /// Attempts in some time at most.
  package var rateLimit: RateLimit?
  package var retry: RetryPolicy
  /// The longest that one attempt can take.
  package var attemptTimeout: Duration
  /// While held nothing is sent and the cursor stands still.
  package var isHeld: Bool

  package init(
    concurrency: Int, rateLimit: RateLimit? = nil, retry: RetryPolicy, attemptTimeout: Duration, isHeld: Bool
  ) {
    self.concurrency = concurrency
    self.rateLimit = rateLimit
    self.retry = retry
    self.attemptTimeout = attemptTimeout
    self.isHeld = isHeld
  }

  package init(of subscriber: Subscriber) {
    self.init(
      concurrency: subscriber.concurrency, rateLimit: subscriber.rateLimit, retry: subscriber.retry,
      attemptTimeout: subscriber.endpoint.timeout, isHeld: subscriber.paused)
  }
}
