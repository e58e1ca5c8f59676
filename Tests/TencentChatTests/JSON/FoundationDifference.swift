import Foundation

/// Where Foundation's parser is known to judge otherwise than RFC 8259 (or makes use of the freedom it gives).
enum FoundationDifference {
  /// It refuses numbers beyond what a `Double` holds and escapes of lone surrogates, both of which the grammar has.
  static func refuses(_ text: [UInt8]) -> Bool { hasHugeNumber(text) || hasLoneSurrogate(text) }

  /// It takes a zero byte near the start for a sign of UTF-16 or UTF-32, and passes over a comma after the last member
  /// of an object or array.
  static func accepts(_ text: [UInt8]) -> Bool {
    text.prefix(4).contains(0) || string(text).contains(/,[ \t\r\n]*[\}\]]/)
  }

  private static func string(_ text: [UInt8]) -> String { String(decoding: text, as: UTF8.self) }

  private static func hasHugeNumber(_ text: [UInt8]) -> Bool {
    string(text).matches(of: /[0-9]+(\.[0-9]+)?([eE][+]?[0-9]+)?/).contains { Double($0.output.0) == .infinity }
  }

  private static func hasLoneSurrogate(_ text: [UInt8]) -> Bool {
    string(text).replacing(/\\\\/, with: "")
      .replacing(/\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}/, with: "")
      .contains(/\\u[dD][89a-fA-F]/)
  }
}
