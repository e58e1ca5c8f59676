import GatewayCore

extension Subscriber {
  static let secret = Secret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")

  static func sample(
    _ name: String, events: [String] = ["*"], apps: Set<AppID>? = nil, match: EventMatch? = nil,
    start: Start = .now, concurrency: Int = 16, retry: RetryPolicy = .quick, breaker: BreakerPolicy = .never,
    keep: Duration = .seconds(7 * 86_400), secrets: [Secret] = [Self.secret], headers: [WebhookRequest.Header] = [],
    owner: String? = nil, paused: Bool = false, host: String = "hooks.example"
  ) -> Subscriber {
    Subscriber(
      name: name,
      endpoint: Endpoint(
        url: "http://\(host)/\(name)", timeout: .seconds(10), connectTimeout: .seconds(3), privateAddresses: .allow),
      secrets: secrets, events: events.compactMap(EventPattern.init), apps: apps, match: match,
      start: start, concurrency: concurrency, retry: retry, breaker: breaker, keep: keep, headers: headers,
      owner: owner,
      paused: paused)
  }

  /// The same, with something else in it.
  func with<Value>(_ path: WritableKeyPath<Subscriber, Value>, _ value: Value) -> Subscriber {
    var changed = self
    changed[keyPath: path] = value
    return changed
  }
}

extension RetryPolicy {
  /// Comes again as soon as it is recorded.
  static let quick = RetryPolicy(delays: [.milliseconds(1)], jitter: 0)
  /// Waits a time that a test moves the clock by.
  static let slow = RetryPolicy(delays: [.seconds(100)], jitter: 0)
}

extension BreakerPolicy {
  /// For tests of what happens before a breaker would open.
  static let never = BreakerPolicy(openAfter: 1_000_000)
}
