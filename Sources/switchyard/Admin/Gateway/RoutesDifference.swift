/// How one routes file differs from another, as `reload` and `check --against` tell it.
struct RoutesDifference: Encodable, Hashable, Sendable {
  struct Names: Encodable, Hashable, Sendable {
    var added: [String] = []
    var removed: [String] = []
    var changed: [String] = []

    var isEmpty: Bool { added.isEmpty && removed.isEmpty && changed.isEmpty }
  }

  var subscribers = Names()
  var apps = Names()
  var decisionsChanged = false

  var isEmpty: Bool { subscribers.isEmpty && apps.isEmpty && !decisionsChanged }

  /// One a kind of thing that is not the same: `  + subscriber  archive`.
  var lines: [String] {
    Self.lines("subscriber", subscribers) + Self.lines("app", apps)
      + (decisionsChanged ? ["  ~ decisions"] : [])
  }

  private static func lines(_ noun: String, _ names: Names) -> [String] {
    [("+", names.added), ("-", names.removed), ("~", names.changed)].flatMap { sign, names in
      names.map { "  \(sign) \(noun) \($0)".printable }
    }
  }
}
