/// How values and free text are written in an exposition.
enum ExpositionText {
  /// A label's value, or help in OpenMetrics: backslash, double quote and newline escaped.
  static func quoted(_ text: String) -> String { escaped(text, quotes: true) }

  /// Help in Prometheus text: backslash and newline escaped.
  static func help(_ text: String) -> String { escaped(text, quotes: false) }

  /// Whole numbers without a fraction, all else in the shortest form that reads back as the same number.
  static func number(_ value: Double) -> String {
    if value.isNaN { return "NaN" }
    if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
    guard value.magnitude < exactWholeNumbers, value == value.rounded(.towardZero) else { return "\(value)" }
    return String(Int64(value))
  }

  /// An `le` label's value. OpenMetrics wants `1.0` where Prometheus text has `1`.
  static func bucketBound(_ bound: Double, format: ExpositionFormat) -> String {
    switch format {
    case .text: number(bound)
    case .openMetrics: bound.isInfinite ? number(bound) : "\(bound)"
    }
  }

  /// Below this a `Double` holds every whole number exactly.
  private static let exactWholeNumbers = 9_007_199_254_740_992.0

  private static func escaped(_ text: String, quotes: Bool) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      case "\"" where quotes: result += "\\\""
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }
}
