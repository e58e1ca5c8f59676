import GatewayCore

/// Reads a subscriber's `retry`.
struct RetryReader {
  static let keys = ["delays", "jitter", "give_up_after", "retry_after_max", "permanent_statuses"]

  let session: LoadSession

  func read(_ value: ValueReader, defaults: RetryPolicy) -> RetryPolicy {
    var policy = defaults
    guard let mapping = MappingReader(value.node, what: "\"retry\"", keys: Self.keys, session: session) else {
      return policy
    }
    let delays = mapping["delays"]?.list(of: RoutesLimits.retryDelays)?
      .compactMap { $0.duration(in: RoutesLimits.retryDelay) }
    if let delays, !delays.isEmpty { policy.delays = delays }
    policy.jitter = mapping["jitter"]?.number(in: RoutesLimits.jitter) ?? policy.jitter
    policy.giveUpAfter = mapping["give_up_after"]?.duration(in: RoutesLimits.giveUpAfter) ?? policy.giveUpAfter
    policy.retryAfterMax = mapping["retry_after_max"]?.duration(in: RoutesLimits.retryAfterMax) ?? policy.retryAfterMax
    let statuses = mapping["permanent_statuses"]?.list()?.compactMap { $0.integer(in: RoutesLimits.permanentStatus) }
    policy.permanentStatuses = statuses.map(Set.init) ?? policy.permanentStatuses
    return policy
  }
}
