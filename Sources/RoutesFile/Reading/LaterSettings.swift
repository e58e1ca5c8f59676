import GatewayCore

/// The settings of a subscriber that a later version brings: their defaults may be written out, all else is an error.
struct LaterSettings {
  static let keys = ["tls"]

  let session: LoadSession

  func check(_ mapping: MappingReader) {
    for entry in mapping.entries where Self.keys.contains(entry.key) { check(entry) }
  }

  private func check(_ entry: SourceEntry) {
    switch entry.value.content {
    case .null:
      return
    case .scalar(let scalar): reject("\(entry.key): \(scalar.shown)", at: entry.location)
    case .sequence:
      reject(entry.key, at: entry.location)
    case .mapping(let nested):
      for inner in nested { check(inner, under: entry.key) }
    }
  }

  private func check(_ entry: SourceEntry, under key: String) { reject("\(key).\(entry.key)", at: entry.location) }

  private func reject(_ setting: String, at location: SourceLocation) {
    session.error("`\(setting)` is not supported by this version; remove it", at: location)
  }
}
