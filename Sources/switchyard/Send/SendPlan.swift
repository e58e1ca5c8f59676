/// How many calls go out, and when.
struct SendPlan: Hashable, Sendable {
  /// Calls under way at a given rate: enough for that rate with answers as slow as a second.
  static let maxInFlightPaced = 256
  /// Calls under way when each answer lets the next call go.
  static let maxInFlightUnpaced = 64

  var count: Int
  /// Calls a second; nil: as fast as the answers come.
  var rate: Double?

  var maxInFlight: Int { min(count, rate == nil ? Self.maxInFlightUnpaced : Self.maxInFlightPaced) }

  /// When the call of this index, from 0, is due after the first; nil: at once.
  func offset(of index: Int) -> Duration? {
    rate.map { .seconds(Double(index) / $0) }
  }
}
