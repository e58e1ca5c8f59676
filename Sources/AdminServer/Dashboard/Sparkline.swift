/// A line over the last hour, as the paths of an SVG image that is 118 wide and 28 high.
struct Sparkline: Hashable, Sendable {
  private static let width = 118
  private static let height = 28
  /// Kept free above the highest point and below zero, so that the line is not cut.
  private static let margin = 2

  /// Of the line.
  let line: String
  /// Of what is between it and zero.
  let area: String

  /// - Parameter counts: Oldest first, at least two.
  init(_ counts: [Int]) {
    let highest = max(1, counts.max() ?? 1)
    let reach = Self.height - 2 * Self.margin
    let points = counts.enumerated().map { index, count in
      let x = index * Self.width / max(1, counts.count - 1)
      // In tenths, for a line that does not step.
      let tenths = (Self.height - Self.margin) * 10 - count * reach * 10 / highest
      return "\(x) \(tenths / 10).\(tenths % 10)"
    }
    line = "M" + points.joined(separator: "L")
    area = line + "V\(Self.height)H0Z"
  }
}
