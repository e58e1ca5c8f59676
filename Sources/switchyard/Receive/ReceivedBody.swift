import Foundation

/// What `receive` shows of a body: whatever it is, it can be shown.
struct ReceivedBody: Sendable {
  private static let typePrefix = "com.tencent.chat."

  let length: Int
  /// The event on one line, byte for byte as it came but for white space between its parts and characters that must not
  /// reach a terminal; nil when the body is not a JSON object or array.
  let json: String?
  let id: String?
  let type: String?
  /// Whom the event is about: `id → id1`, or a group, or an account.
  let subject: String?

  init(_ bytes: [UInt8]) {
    length = bytes.count
    guard let text = String(validating: bytes, as: UTF8.self), let value = Self.parse(text, bytes) else {
      (json, id, type, subject) = (nil, nil, nil, nil)
      return
    }
    json = Self.oneLine(text)
    let event = value as? [String: Any]
    id = event?["id"] as? String
    type = event?["type"] as? String
    subject = (event?["data"] as? [String: Any]).flatMap(Self.subject)
  }

  /// `blocklist.added` of `com.tencent.chat.blocklist.added`; other types are shown whole.
  var shortType: String? {
    type.map { $0.hasPrefix(Self.typePrefix) ? String($0.dropFirst(Self.typePrefix.count)) : $0 }
  }

  /// Foundation guesses other encodings and takes a byte order mark: what starts like this is UTF-8 to it and to us.
  private static func parse(_ text: String, _ bytes: [UInt8]) -> Any? {
    let first = text.utf8.first { !isWhitespace($0) }
    guard first == UInt8(ascii: "{") || first == UInt8(ascii: "["), !bytes.contains(0) else { return nil }
    return try? JSONSerialization.jsonObject(with: Data(bytes))
  }

  private static func oneLine(_ text: String) -> String {
    if text.utf8.allSatisfy({ (0x20..<0x7F).contains($0) }) { return text }
    return text.unicodeScalars.reduce(into: "") { line, scalar in
      let isBreak = scalar.isASCII && isWhitespace(UInt8(scalar.value))
      line.unicodeScalars.append(isBreak ? " " : scalar)
    }.printable
  }

  private static func isWhitespace(_ byte: UInt8) -> Bool {
    byte == 0x20 || (0x09...0x0A).contains(byte) || byte == 0x0D
  }

  private static func subject(of data: [String: Any]) -> String? {
    let accounts = [data["from"] as? String, data["to"] as? String].compactMap(\.self)
    if !accounts.isEmpty { return accounts.joined(separator: " → ") }
    return data["account"] as? String ?? data["group"] as? String
  }
}
