import GatewayCore

/// Reads a subscriber's `batch`.
struct BatchReader {
  static let keys = ["max_events", "max_wait"]

  let session: LoadSession

  func read(_ value: ValueReader) -> BatchPolicy {
    var policy = BatchPolicy()
    guard let mapping = MappingReader(value.node, what: "\"batch\"", keys: Self.keys, session: session) else {
      return policy
    }
    policy.maxEvents = mapping["max_events"]?.integer(in: RoutesLimits.batchEvents) ?? policy.maxEvents
    policy.maxWait = mapping["max_wait"]?.duration(in: RoutesLimits.batchWait) ?? policy.maxWait
    return policy
  }
}
