/// A text is not what RFC 8259 calls JSON, or goes beyond the scanner's limits. It says where, and never quotes the text.
package struct JSONSyntaxError: Error, Hashable, Sendable, CustomStringConvertible {
  package enum Reason: String, Hashable, Sendable {
    case unexpectedByte = "an unexpected byte"
    case unexpectedEnd = "an unexpected end"
    case controlCharacter = "an unescaped control character"
    case badEscape = "a bad escape"
    case badUTF8 = "bytes that are not UTF-8"
    case tooDeep = "more than 64 levels"
    case tooLong = "more bytes than can be read"
  }

  package let reason: Reason
  /// In bytes, from 0.
  package let offset: Int

  package init(_ reason: Reason, at offset: Int) {
    self.reason = reason
    self.offset = offset
  }

  package var description: String { "\(reason.rawValue) at offset \(offset)" }
}
