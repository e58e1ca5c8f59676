import GatewayCore

/// Decides which deliveries are refused on purpose. The same seed decides the same for the nth delivery.
struct Misbehaviour: Sendable {
  static let okStatus = 200

  /// The share of deliveries to refuse, 0 to 1.
  let ratio: Double
  /// What they are answered.
  let status: Int
  private var chance: SplitMix64

  init(ratio: Double, status: Int, seed: UInt64) {
    self.ratio = ratio
    self.status = status
    chance = SplitMix64(seed: seed)
  }

  /// The status to answer the next delivery with.
  mutating func nextStatus() -> Int { chance.nextFraction() < ratio ? status : Self.okStatus }
}
