/// The rules of the data model for the names of families and labels.
enum MetricName {
  /// What a counter's samples are called beyond its family, and a family of another kind may not be.
  static let counterSuffix = "_total"

  /// Whether a text may name a family. Colons are for recording rules, so they are not allowed here.
  static func isFamily(_ text: String) -> Bool { isIdentifier(text) }

  /// Whether a text may name a label. Two leading underscores are kept for Prometheus itself, and `le` and `quantile`
  /// for its buckets.
  static func isLabel(_ text: String) -> Bool {
    isIdentifier(text) && !text.hasPrefix("__") && text != "le" && text != "quantile"
  }

  private static func isIdentifier(_ text: String) -> Bool {
    guard let first = text.utf8.first, !isDigit(first) else { return false }
    return text.utf8.allSatisfy { isDigit($0) || isLetter($0) || $0 == UInt8(ascii: "_") }
  }

  private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

  private static func isLetter(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
  }
}
