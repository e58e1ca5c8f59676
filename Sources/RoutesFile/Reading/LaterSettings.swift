import GatewayCore

/// The settings of a subscriber that a later version brings: their defaults may be written out, all else is an error.
struct LaterSettings {
  static let keys = ["format", "batch", "ordering", "breaker", "tls"]

  /// What this version does anyway, for each key.
  private static let singleValues = ["format": "event", "ordering": "none"]
  private static let nestedValues = [
    "batch": ["max_events": "100", "max_wait": "200ms"], "breaker": ["open_after": "5", "probe_every": "30s"],
  ]

  let session: LoadSession

  func check(_ mapping: MappingReader) {
    for entry in mapping.entries where Self.keys.contains(entry.key) { check(entry) }
  }

  private func check(_ entry: SourceEntry) {
    switch entry.value.content {
    case .null:
      return
    case .scalar(let scalar):
      guard case .text(let text) = scalar.value, text == Self.singleValues[entry.key] else {
        reject("\(entry.key): \(scalar.shown)", at: entry.location)
        return
      }
    case .sequence:
      reject(entry.key, at: entry.location)
    case .mapping(let nested):
      for inner in nested { check(inner, under: entry.key) }
    }
  }

  private func check(_ entry: SourceEntry, under key: String) {
    guard case .scalar(let scalar) = entry.value.content, case .text(let text) = scalar.value,
      text == Self.nestedValues[key]?[entry.key]
    else {
      reject("\(key).\(entry.key)", at: entry.location)
      return
    }
  }

  private func reject(_ setting: String, at location: SourceLocation) {
    session.error("`\(setting)` is not supported by this version; remove it", at: location)
  }
}
