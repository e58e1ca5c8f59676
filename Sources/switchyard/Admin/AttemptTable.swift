/// Attempts in rows, each with what was answered below it.
enum AttemptTable {
  /// Longer bodies are cut: `--json` has all that is kept.
  static let longestBody = 500

  static func lines(_ attempts: [AdminAPI.Attempt]) -> [String] {
    var table = TextTable("AT", ">TRY", "OUTCOME", ">STATUS", ">TOOK", ">EVENTS", "ERROR")
    for one in attempts {
      table.append(
        one.at, HumanText.count(one.attempt), one.outcome, one.status.map(String.init),
        HumanText.duration(seconds: one.durationSeconds), HumanText.count(one.events), one.error)
    }
    let rows = table.lines.map { "  " + $0 }
    guard let last = attempts.last(where: { $0.response != nil }), let response = last.response else { return rows }
    let isCut = response.isCut || response.body.count > longestBody
    let body = response.body.prefix(longestBody) + (isCut ? "…" : "")
    return rows + ["", "Response of \(last.at):".printable]
      + body.split(separator: "\n", omittingEmptySubsequences: false).map { "  " + String($0).printable }
  }
}
