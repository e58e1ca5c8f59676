import Foundation

/// A query as Foundation reads it.
///
/// Tencent's queries are never refused, so Foundation's opinion counts only where it has one. There is no model of
/// - a text that Foundation refuses: a `%` without two digits, or a character that must be escaped, stands for itself;
/// - a text with a `#`, which for Foundation starts what is no longer the query, and which no request can carry;
/// - escapes that are not UTF-8: Foundation gives up, the gateway puts U+FFFD in their place.
struct QueryModel {
  let withoutCredentials: String
  private var values: [[UInt8]: String] = [:]

  init?(_ raw: String) {
    guard !raw.utf8.contains(UInt8(ascii: "#")),
      let parts = URLComponents(string: "?" + raw, encodingInvalidCharacters: false)
    else { return nil }
    var kept: [String] = []
    for item in parts.percentEncodedQueryItems ?? [] {
      guard let name = item.name.removingPercentEncoding else { return nil }
      let key = Self.folded(name)
      if !Self.credentials.contains(key) { kept.append(item.name + (item.value.map { "=" + $0 } ?? "")) }
      guard let written = item.value else { continue }
      guard let value = written.removingPercentEncoding else { return nil }
      if !value.isEmpty, values[key] == nil { values[key] = value }
    }
    withoutCredentials = kept.joined(separator: "&")
  }

  /// The first value that is not empty.
  ///
  /// - Parameter name: In lower case.
  func value(of name: String) -> String? { values[Array(name.utf8)] }

  private static let credentials = [Array("sign".utf8), Array("requesttime".utf8)]

  /// The case of ASCII letters does not count; that of others does, and so does how they are composed.
  private static func folded(_ name: String) -> [UInt8] {
    name.utf8.map { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) ? $0 + 0x20 : $0 }
  }
}
