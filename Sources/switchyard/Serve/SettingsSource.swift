import GatewayCore

/// A setting that cannot be read.
struct SettingError: Error, CustomStringConvertible {
  var description: String
}

/// Looks up one setting: the flag wins over the environment, the environment over the default.
struct SettingsSource {
  let environment: [String: String]

  /// The text of a setting and where it stands; nil if it is nowhere. An empty variable counts as not set.
  private func text(_ flag: String, _ value: String?) -> (text: String, place: String)? {
    if let value { return (value, flag) }
    let name = "SWITCHYARD_" + flag.drop { $0 == "-" }.uppercased().replacing("-", with: "_")
    guard let value = environment[name], !value.isEmpty else { return nil }
    return (value, name)
  }

  /// Reads a setting, if it is anywhere.
  ///
  /// - Parameter expected: What a good value is, as in “a duration like 1500ms”.
  func optional<Value>(
    _ flag: String, _ value: String?, expected: String, read: (String) -> Value?
  ) throws(SettingError) -> Value? {
    guard let found = text(flag, value) else { return nil }
    guard let result = read(found.text) else {
      // A URL may hold a password.
      let shown = found.text.contains("://") ? "•••" : found.text
      throw SettingError(description: "\(found.place) is \"\(shown)\"; it must be \(expected)")
    }
    return result
  }

  func value<Value>(
    _ flag: String, _ value: String?, default fallback: Value, expected: String, read: (String) -> Value?
  ) throws(SettingError) -> Value {
    try optional(flag, value, expected: expected, read: read) ?? fallback
  }

  func duration(_ flag: String, _ value: String?, default fallback: Duration) throws(SettingError) -> Duration {
    try self.value(flag, value, default: fallback, expected: "a duration like 1500ms, 15s or 72h") {
      Duration(text: $0)
    }
  }
}
