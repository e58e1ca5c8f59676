import GatewayCore

/// Reads a mapping key by key; keys it does not know are reported at once, with the one that was meant.
struct MappingReader {
  let location: SourceLocation
  let entries: [SourceEntry]
  /// For a sentence, as in `a subscriber`.
  private let what: String
  private let session: LoadSession

  /// Nil, and reported, if the node is not a mapping. Nothing at all is an empty one.
  init?(_ node: SourceNode, what: String, keys: [String], session: LoadSession) {
    switch node.content {
    case .mapping(let entries): self.entries = entries
    case .null: entries = []
    case .scalar(_), .sequence(_):
      session.error("\(what) must be a mapping of keys to values, not \(node.kind)", at: node.location)
      return nil
    }
    location = node.location
    self.what = what
    self.session = session
    for entry in entries where !keys.contains(entry.key) { reportUnknown(entry, keys: keys) }
  }

  subscript(key: String) -> ValueReader? {
    entries.first { $0.key == key }.map { ValueReader(node: $0.value, key: key, session: session) }
  }

  func required(_ key: String) -> ValueReader? {
    if let value = self[key] { return value }
    session.error("\(what) needs \"\(key)\"; add it", at: location)
    return nil
  }

  private func reportUnknown(_ entry: SourceEntry, keys: [String]) {
    let suggestion = Suggestion.clause(for: entry.key, among: keys)
    let advice = suggestion.isEmpty ? "; \(what) takes \(keys.joined(separator: ", "))" : suggestion
    session.error("unknown key \"\(entry.key)\"\(advice)", at: entry.location)
  }
}
