import GatewayCore

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
  private var chance: SplitMix64

  package init(_ faults: [Fault] = [], seed: UInt64 = 0) {
    self.faults = faults
    chance = SplitMix64(seed: seed)
  }

  /// The failure of the next row; nil if it is to be judged by the rules. The ratios add up.
  mutating func next() -> RowFailure? {
    guard !faults.isEmpty else { return nil }
    var draw = chance.nextFraction()
    for fault in faults {
      if draw < fault.ratio { return RowFailure(code: fault.code) }
      draw -= fault.ratio
    }
    return nil
  }
}
