import Foundation

/// Decides which deliveries are refused on purpose. The same seed decides the same for the nth delivery.
struct Misbehaviour: Sendable {
  static let okStatus = 200

  /// The share of deliveries to refuse, 0 to 1.
  let ratio: Double
  /// What they are answered.
  let status: Int
  private var state: UInt64

  init(ratio: Double, status: Int, seed: UInt64) {
    self.ratio = ratio
    self.status = status
    state = seed
  }

  /// The status to answer the next delivery with.
  mutating func nextStatus() -> Int {
    // The upper 53 bits are a fraction of 1 that a Double holds exactly.
    Double(nextRandom() >> 11) * 0x1p-53 < ratio ? status : Self.okStatus
  }

  /// SplitMix64: the generators of the standard library promise no sequence.
  private mutating func nextRandom() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = (state ^ (state >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}
