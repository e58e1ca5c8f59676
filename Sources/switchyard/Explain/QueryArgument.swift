import ArgumentParser

/// The query of a callback as somebody has it at hand: alone, with its `?`, or at the end of a path or URL.
struct QueryArgument: Hashable, Sendable, ExpressibleByArgument {
  /// What stands behind the `?`. It may hold a `Sign`, so it is not to be shown.
  let text: String

  init(argument: String) {
    let whole = argument.prefix { $0 != "#" }
    // A `?` may stand in a value; one that begins the query comes before every `=`.
    if let mark = whole.firstIndex(of: "?"), !whole[..<mark].contains("=") {
      text = String(whole[whole.index(after: mark)...])
    } else {
      text = whole.contains("=") ? String(whole) : ""
    }
  }
}
