import Foundation
import FuzzDriver
import TencentChat

/// JSON texts as Foundation's parser reads them, and all ways in which it is known to judge otherwise.
enum FoundationJSON {
  /// The scanner and Foundation both accept the text, or both refuse it.
  static func compare(with text: [UInt8]) {
    if let error = error(in: text) {
      let isAlike = parsed(text) == nil || isKnownToBeAccepted(text, error)
      require(isAlike, "Foundation refuses what the scanner refuses", "\(error)")
    } else {
      _ = value(of: text)
    }
  }

  /// What a text that the scanner accepts, or that the gateway wrote, is to Foundation.
  static func value(of text: [UInt8]) -> Any {
    if let value = parsed(text) ?? parsed(withoutWhatIsKnownToBeRefused(text)) { return value }
    require(false, "Foundation accepts what is taken for JSON, or made as JSON", String(decoding: text, as: UTF8.self))
    return NSNull()
  }

  private static func parsed(_ text: [UInt8]) -> Any? {
    try? JSONSerialization.jsonObject(with: Data(text), options: .fragmentsAllowed)
  }

  private static func error(in text: [UInt8]) -> JSONSyntaxError? {
    do {
      var scanner = try JSONScanner(text)
      try scanner.skipValue()
      try scanner.finish()
      return nil
    } catch {
      return error
    }
  }

  private static func isKnownToBeAccepted(_ text: [UInt8], _ error: JSONSyntaxError) -> Bool {
    // It reads UTF-16 and UTF-32 too, which it knows by a byte order mark or by a zero near the start.
    if text.prefix(4).contains(0) || byteOrderMarks.contains(where: text.starts) { return true }
    // It goes down to 512 levels, the scanner to 64.
    if error.reason == .tooDeep { return true }
    // It passes over a comma behind the last member of an object or array: all else must be as it should be.
    guard let text = withoutComma(text, before: error.offset) else { return false }
    return self.error(in: text).map { isKnownToBeAccepted(text, $0) } ?? true
  }

  private static let byteOrderMarks: [[UInt8]] = [[0xEF, 0xBB, 0xBF], [0xFE, 0xFF], [0xFF, 0xFE]]

  /// Nil if there is not just such a comma before the bracket at that place.
  private static func withoutComma(_ text: [UInt8], before place: Int) -> [UInt8]? {
    guard place < text.count, "]}".utf8.contains(text[place]),
      let comma = text[..<place].lastIndex(where: { !" \t\r\n".utf8.contains($0) }), text[comma] == UInt8(ascii: ",")
    else { return nil }
    return Array(text[..<comma] + text[(comma + 1)...])
  }
}

extension FoundationJSON {
  /// A text that the scanner accepts, less the two things which RFC 8259 has and Foundation refuses: numbers beyond what a
  /// `Double` holds become 0, and escapes of lone surrogates become that of U+FFFD.
  private static func withoutWhatIsKnownToBeRefused(_ text: [UInt8]) -> [UInt8] {
    var known: [UInt8] = []
    var rest = text[...]
    var isInString = false
    while let byte = rest.first {
      if isInString, byte == UInt8(ascii: "\\") {
        known += escape(&rest)
      } else if !isInString, byte == UInt8(ascii: "-") || digits.contains(byte) {
        known += number(&rest)
      } else {
        if byte == UInt8(ascii: "\"") { isInString.toggle() }
        known.append(rest.removeFirst())
      }
    }
    return known
  }

  private static let digits = UInt8(ascii: "0")...UInt8(ascii: "9")

  private static func number(_ rest: inout ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    let number = rest.prefix { digits.contains($0) || "+-.eE".utf8.contains($0) }
    rest = rest.dropFirst(number.count)
    let isFinite = Double(String(decoding: number, as: UTF8.self))?.isFinite ?? false
    return isFinite ? number : [UInt8(ascii: "0")]
  }

  /// One escape, or the two of a surrogate pair.
  private static func escape(_ rest: inout ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    guard let unit = codeUnit(rest) else { return pop(2, of: &rest) }
    guard UTF16.isSurrogate(unit) else { return pop(6, of: &rest) }
    if UTF16.isLeadSurrogate(unit), let next = codeUnit(rest.dropFirst(6)), UTF16.isTrailSurrogate(next) {
      return pop(12, of: &rest)
    }
    _ = pop(6, of: &rest)
    return Array("\\uFFFD".utf8)[...]
  }

  /// What stands behind `\u`, if that is what the text starts with.
  private static func codeUnit(_ text: ArraySlice<UInt8>) -> UInt16? {
    guard text.starts(with: "\\u".utf8) else { return nil }
    return UInt16(String(decoding: text.dropFirst(2).prefix(4), as: UTF8.self), radix: 16)
  }

  private static func pop(_ count: Int, of rest: inout ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    defer { rest = rest.dropFirst(count) }
    return rest.prefix(count)
  }
}
