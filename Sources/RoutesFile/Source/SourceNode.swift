/// A value in a file and where it stands, its references resolved but not yet typed.
struct SourceNode: Sendable {
  enum Content: Sendable {
    case null
    case scalar(SourceScalar)
    case sequence([SourceNode])
    case mapping([SourceEntry])
  }

  let location: SourceLocation
  let content: Content

  /// What it is, for a sentence.
  var kind: String {
    switch content {
    case .null: "nothing"
    case .scalar: "a single value"
    case .sequence: "a list"
    case .mapping: "a mapping"
    }
  }

  var isNothing: Bool { if case .null = content { true } else { false } }

  var entries: [SourceEntry] {
    if case .mapping(let entries) = content { entries } else { [] }
  }

  func entry(_ key: String) -> SourceEntry? { entries.first { $0.key == key } }

  /// The entries of both, its own where both have one; under `merging` the values are filled in the same way.
  func filled(from defaults: [SourceEntry], merging nested: Set<String>) -> SourceNode {
    guard case .mapping(let own) = content else { return self }
    let filled = own.map { entry in
      guard nested.contains(entry.key), let other = defaults.first(where: { $0.key == entry.key }) else { return entry }
      return SourceEntry(
        key: entry.key, location: entry.location, value: entry.value.filled(from: other.value.entries, merging: []))
    }
    let missing = defaults.filter { candidate in !own.contains { $0.key == candidate.key } }
    return SourceNode(location: location, content: .mapping(filled + missing))
  }
}

/// One key of a mapping and its value.
struct SourceEntry: Sendable {
  let key: String
  /// Of the key.
  let location: SourceLocation
  let value: SourceNode
}
