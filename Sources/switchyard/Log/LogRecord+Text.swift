import Logging

extension LogRecord {
  private static let levelWidth = 5

  /// One line for a person: `2026-11-20T20:36:00.123Z info  listening address=127.0.0.1:8080 door=callbacks`.
  var text: String {
    var text = "\(time) \(level.rawValue)"
    text.append(String(repeating: " ", count: max(1, Self.levelWidth - level.rawValue.count + 1)))
    text.append(message.printable)
    for (key, value) in metadata {
      text.append(" \(key.printable)=")
      value.appendText(to: &text)
    }
    return text
  }
}

extension Logger.MetadataValue {
  fileprivate func appendText(to text: inout String) {
    switch self {
    case .string(let string): Self.append(string, to: &text)
    case .stringConvertible(let value): Self.append(value.description, to: &text)
    case .array, .dictionary: appendJSON(to: &text)
    }
  }

  /// Quotes what would not be seen to be one value.
  private static func append(_ value: String, to text: inout String) {
    let isPlain = !value.isEmpty && value.unicodeScalars.allSatisfy { $0 != " " && $0 != "\"" && $0.isPrintable }
    if isPlain { text.append(value) } else { text.appendJSONString(value) }
  }
}
