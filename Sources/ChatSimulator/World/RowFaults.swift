/// Makes rows fail on purpose. The same seed decides the same for the nth row.
package struct RowFaults: Sendable {
  /// Rows to fail with a code: the share of all rows, 0 to 1.
  package struct Fault: Hashable, Sendable {
    package let code: Int
    package let ratio: Double

    package init(code: Int, ratio: Double) {
      self.code = code
      self.ratio = ratio
    }
  }

  /// What a row can be made to fail with: Tencent's codes for relationships.
  package static let codes = 30001...39999

  private let faults: [Fault]
  private var state: UInt64

  package init(_ faults: [Fault] = [], seed: UInt64 = 0) {
    self.faults = faults
    state = seed
  }

  /// The failure of the next row; nil if it is to be judged by the rules. The ratios add up.
  mutating func next() -> RowFailure? {
    guard !faults.isEmpty else { return nil }
    // The upper 53 bits are a fraction of 1 that a Double holds exactly.
    var draw = Double(nextRandom() >> 11) * 0x1p-53
    for fault in faults {
      if draw < fault.ratio { return RowFailure(code: fault.code) }
      draw -= fault.ratio
    }
    return nil
  }

  /// SplitMix64: the generators of the standard library promise no sequence.
  private mutating func nextRandom() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = (state ^ (state >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}
