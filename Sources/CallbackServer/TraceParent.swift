/// The `traceparent` header of W3C Trace Context, version 00.
enum TraceParent {
  /// `00-`, 32 hex digits, `-`, 16 hex digits, `-`, 2 hex digits.
  private static let length = 55

  /// Whether a value may be passed on: the right form, in lower case, and neither id all zero.
  static func isValid(_ text: String) -> Bool {
    let bytes = Array(text.utf8)
    guard bytes.count == length, bytes.starts(with: "00-".utf8), bytes[35] == hyphen, bytes[52] == hyphen
    else { return false }
    let trace = bytes[3..<35]
    let parent = bytes[36..<52]
    return trace.allSatisfy(isHexDigit) && parent.allSatisfy(isHexDigit) && bytes[53...].allSatisfy(isHexDigit)
      && trace.contains { $0 != zero } && parent.contains { $0 != zero }
  }

  private static let hyphen = UInt8(ascii: "-")
  private static let zero = UInt8(ascii: "0")

  private static func isHexDigit(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte)
  }
}
