import GatewayCore

/// Reads a subscriber's `match`.
struct MatchReader {
  static let keys = EventMatch.Field.allCases.map(\.rawValue)

  let session: LoadSession

  /// Nil if it names no field, so that a subscriber can do without that of `defaults`, and if it will not do.
  func read(_ value: ValueReader) -> EventMatch? {
    guard let mapping = MappingReader(value.node, what: "\"match\"", keys: Self.keys, session: session) else {
      return nil
    }
    let conditions = EventMatch.Field.allCases.compactMap { field in
      mapping[field.rawValue].map { EventMatch.Condition(field: field, globs: globs($0)) }
    }
    return conditions.isEmpty ? nil : EventMatch(conditions)
  }

  private func globs(_ value: ValueReader) -> [Glob] {
    value.list(of: RoutesLimits.globs)?.compactMap(glob) ?? []
  }

  private func glob(_ item: ValueReader) -> Glob? {
    guard let text = item.text() else { return nil }
    guard text.utf8.count <= RoutesLimits.globBytes else {
      item.fail(
        "a pattern of \"\(item.key)\" is longer than \(RoutesLimits.globBytes) bytes; use \"*\" for a part of it")
      return nil
    }
    return Glob(text)
  }
}
