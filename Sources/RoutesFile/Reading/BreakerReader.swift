import GatewayCore

/// Reads a subscriber's `breaker`.
struct BreakerReader {
  static let keys = ["open_after", "probe_every"]

  let session: LoadSession

  func read(_ value: ValueReader) -> BreakerPolicy {
    var policy = BreakerPolicy()
    guard let mapping = MappingReader(value.node, what: "\"breaker\"", keys: Self.keys, session: session) else {
      return policy
    }
    policy.openAfter = mapping["open_after"]?.integer(in: RoutesLimits.openAfter) ?? policy.openAfter
    policy.probeEvery = mapping["probe_every"]?.duration(in: RoutesLimits.probeEvery) ?? policy.probeEvery
    return policy
  }
}
