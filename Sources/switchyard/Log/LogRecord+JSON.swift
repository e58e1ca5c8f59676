import Logging

extension LogRecord {
  private static let ownKeys: Set<String> = ["time", "level", "message"]

  /// One JSON object: `time`, `level`, `message`, then the metadata beside them.
  ///
  /// A metadata key that would stand twice so is prefixed with `metadata.`.
  var json: String {
    var text = "{\"time\":\"\(time)\",\"level\":\"\(level.rawValue)\",\"message\":"
    text.appendJSONString(message)
    for (key, value) in metadata {
      text.append(",")
      text.appendJSONString(Self.ownKeys.contains(key) ? "metadata." + key : key)
      text.append(":")
      value.appendJSON(to: &text)
    }
    text.append("}")
    return text
  }
}

extension Logger.MetadataValue {
  func appendJSON(to text: inout String) {
    switch self {
    case .string(let string): text.appendJSONString(string)
    case .stringConvertible(let value): Self.append(value, to: &text)
    case .array(let values):
      text.append("[")
      for (index, value) in values.enumerated() {
        if index > 0 { text.append(",") }
        value.appendJSON(to: &text)
      }
      text.append("]")
    case .dictionary(let entries):
      text.append("{")
      for (index, entry) in entries.sorted(by: { $0.key < $1.key }).enumerated() {
        if index > 0 { text.append(",") }
        text.appendJSONString(entry.key)
        text.append(":")
        entry.value.appendJSON(to: &text)
      }
      text.append("}")
    }
  }

  /// Numbers and truth values stay what they are; JSON has no infinity.
  private static func append(_ value: any CustomStringConvertible, to text: inout String) {
    switch value {
    case is any FixedWidthInteger, is Bool: text.append(value.description)
    case let number as Double where number.isFinite: text.append(number.description)
    default: text.appendJSONString(value.description)
    }
  }
}
