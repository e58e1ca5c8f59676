/// Turns the text of JSON strings into what it stands for, and back.
package enum JSONString {
  /// What a string literal without its quotes stands for, as UTF-8.
  ///
  /// `literal` must have passed the scanner. The escape of a lone surrogate stands for no character and becomes U+FFFD.
  package static func decoded(_ literal: ArraySlice<UInt8>) -> [UInt8] {
    guard literal.contains(ASCII.backslash) else { return Array(literal) }
    var text: [UInt8] = []
    text.reserveCapacity(literal.count)
    var rest = literal
    while let byte = rest.popFirst() {
      if byte == ASCII.backslash { appendEscaped(&rest, to: &text) } else { text.append(byte) }
    }
    return text
  }

  /// Appends a text as a string literal without the quotes. Only what JSON demands is escaped.
  package static func append(_ text: some Sequence<UInt8>, to literal: inout [UInt8]) {
    for byte in text {
      switch byte {
      case ASCII.quote, ASCII.backslash: literal += [ASCII.backslash, byte]
      case ASCII.lineFeed: literal += [ASCII.backslash, UInt8(ascii: "n")]
      case ASCII.carriageReturn: literal += [ASCII.backslash, UInt8(ascii: "r")]
      case ASCII.tab: literal += [ASCII.backslash, UInt8(ascii: "t")]
      case 0..<ASCII.space: literal += [UInt8]("\\u00".utf8) + [hexDigits[Int(byte >> 4)], hexDigits[Int(byte & 0xF)]]
      default: literal.append(byte)
      }
    }
  }

  /// A text as a string literal with its quotes.
  package static func literal(_ text: String) -> [UInt8] {
    var literal: [UInt8] = [ASCII.quote]
    append(text.utf8, to: &literal)
    literal.append(ASCII.quote)
    return literal
  }

  private static let replacement: UnicodeScalar = "\u{FFFD}"
  private static let hexDigits = Array("0123456789abcdef".utf8)

  /// Reads what stands behind a backslash.
  private static func appendEscaped(_ rest: inout ArraySlice<UInt8>, to text: inout [UInt8]) {
    switch rest.removeFirst() {
    case UInt8(ascii: "b"): text.append(0x08)
    case UInt8(ascii: "f"): text.append(0x0C)
    case UInt8(ascii: "n"): text.append(ASCII.lineFeed)
    case UInt8(ascii: "r"): text.append(ASCII.carriageReturn)
    case UInt8(ascii: "t"): text.append(ASCII.tab)
    case UInt8(ascii: "u"): text.append(contentsOf: Character(unicodeScalar(&rest)).utf8)
    case let byte: text.append(byte)
    }
  }

  /// Reads the four digits behind `\u`, and the low surrogate's escape if it belongs to them.
  private static func unicodeScalar(_ rest: inout ArraySlice<UInt8>) -> UnicodeScalar {
    let unit = codeUnit(rest.prefix(4))
    rest = rest.dropFirst(4)
    if UTF16.isLeadSurrogate(unit), rest.starts(with: "\\u".utf8) {
      let low = codeUnit(rest.dropFirst(2).prefix(4))
      if UTF16.isTrailSurrogate(low) {
        rest = rest.dropFirst(6)
        return UnicodeScalar(0x1_0000 + (UInt32(unit) & 0x3FF) << 10 + UInt32(low) & 0x3FF) ?? replacement
      }
    }
    return UnicodeScalar(unit) ?? replacement
  }

  private static func codeUnit(_ digits: ArraySlice<UInt8>) -> UInt16 {
    digits.reduce(0) { $0 << 4 | UInt16(ASCII.hexValue($1) ?? 0) }
  }
}
