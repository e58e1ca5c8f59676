/// Names and what they have, one a line, indented: how one thing is shown.
struct FactList {
  private var facts: [(String, String)] = []

  /// Leaves a fact out that there is not.
  mutating func append(_ name: String, _ value: String?) {
    guard let value, !value.isEmpty else { return }
    facts.append((name, value.printable))
  }

  var lines: [String] {
    let width = facts.map(\.0.displayWidth).max() ?? 0
    return facts.map { "  " + $0.0 + String(repeating: " ", count: width - $0.0.displayWidth) + "  " + $0.1 }
  }
}
