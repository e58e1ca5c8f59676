/// What of a subscriber's settings decides how its lane goes.
package struct LaneSettings: Hashable, Sendable {
  /// Attempts in flight at most.
  package var concurrency: Int
  /// Attempts in some time at most.
  package var rateLimit: RateLimit?
  package var retry: RetryPolicy
  package var breaker: BreakerPolicy
  /// Whether events of one ordering key go one after the other.
  package var isOrdered: Bool
  /// Nil: one event a request.
  package var batch: BatchPolicy?
  /// The longest that one attempt can take.
  package var attemptTimeout: Duration
  /// The `StableHash` of the URL: another URL is another receiver.
  package var url: UInt64
  /// While held nothing is sent and the cursor stands still.
  package var isHeld: Bool

  package init(
    concurrency: Int, rateLimit: RateLimit? = nil, retry: RetryPolicy, breaker: BreakerPolicy = BreakerPolicy(),
    isOrdered: Bool = false, batch: BatchPolicy? = nil, attemptTimeout: Duration, url: UInt64 = 0, isHeld: Bool
  ) {
    self.concurrency = concurrency
    self.rateLimit = rateLimit
    self.retry = retry
    self.breaker = breaker
    self.isOrdered = isOrdered
    self.batch = batch
    self.attemptTimeout = attemptTimeout
    self.url = url
    self.isHeld = isHeld
  }

  package init(of subscriber: Subscriber) {
    let isOrdered = subscriber.ordering == .key
    let batch = subscriber.format == .batch ? subscriber.batch : nil
    self.init(
      // Two batches could hold events of one key.
      concurrency: isOrdered && batch != nil ? 1 : subscriber.concurrency, rateLimit: subscriber.rateLimit,
      retry: subscriber.retry, breaker: subscriber.breaker, isOrdered: isOrdered, batch: batch,
      attemptTimeout: subscriber.endpoint.timeout, url: StableHash.of(subscriber.endpoint.url.utf8),
      isHeld: subscriber.paused)
  }
}
