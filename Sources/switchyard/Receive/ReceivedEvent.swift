import Foundation

/// What `receive` shows of one event.
struct ReceivedEvent: Sendable {
  private static let typePrefix = "com.tencent.chat."

  let id: String?
  let type: String
  /// Whom the event is about: `id → id1`, or a group, or an account.
  let subject: String?
  /// On one line, byte for byte as it came but for white space between its parts and characters that must not reach a
  /// terminal.
  let json: String

  /// Nil for an object that has no type.
  init?(_ object: [String: Any], json: String) {
    guard let type = object["type"] as? String else { return nil }
    self.type = type
    self.json = json
    id = object["id"] as? String
    subject = (object["data"] as? [String: Any]).flatMap(Self.subject)
  }

  /// `blocklist.added id → id1` of `com.tencent.chat.blocklist.added`; other types are shown whole.
  var text: String {
    let shortType = type.hasPrefix(Self.typePrefix) ? String(type.dropFirst(Self.typePrefix.count)) : type
    return [shortType, subject].compactMap(\.self).joined(separator: " ")
  }

  private static func subject(of data: [String: Any]) -> String? {
    let accounts = [data["from"] as? String, data["to"] as? String].compactMap(\.self)
    if !accounts.isEmpty { return accounts.joined(separator: " → ") }
    return data["account"] as? String ?? data["group"] as? String
  }
}
