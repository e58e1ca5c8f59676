import ArgumentParser
import GatewayCore

/// `switchyard reload`: has the gateway read its routes file now.
struct ReloadCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "reload", abstract: "Has the gateway read its routes file now, and lists what changes.",
    discussion: """
      The gateway also sees a changed file by itself. A bad file changes nothing: its problems are listed as
      file:line:column, and the exit code is 78.

      EXAMPLES:
        switchyard reload --dry-run
        switchyard reload
      """)

  @Flag(help: "Say what would change, and change nothing.")
  var dryRun = false

  @OptionGroup var options: AdminOptions

  func run() async throws {
    let door = try options.door()
    let answer: AdminAnswer
    do {
      answer = try await door.post("v1", "reload", query: dryRun ? [("dry_run", "1")] : [])
    } catch let error as AdminDoorError {
      guard case .refused(let problem, let answer) = error, problem.status == 422 else { throw error }
      for one in problem.problems ?? [] { LineWriter.standardError.tell(one.description) }
      LineWriter.standardError.tell("Error: \(error)")
      if options.json { try LineWriter.standardOutput.print(try answer.line()) }
      throw ExitStatus.configuration
    }
    if options.json { return try LineWriter.standardOutput.print(try answer.line()) }
    let change: AdminAPI.RoutesChange = try answer.read()
    for warning in change.warnings { LineWriter.standardError.tell(warning.description) }
    try LineWriter.standardOutput.print(change.lines.joined(separator: "\n"))
  }
}

extension AdminAPI.RoutesChange {
  /// What changes, a line for each kind of thing.
  var lines: [String] {
    var facts = RoutesDifference()
    facts.subscribers = .init(added: added, removed: removed, changed: changed)
    if let apps {
      facts.apps = .init(
        added: apps.added.map(String.init), removed: apps.removed.map(String.init),
        changed: apps.changed.map(String.init))
    }
    facts.decisionsChanged = decisionsChanged ?? false
    let title = dryRun ? "The routes file is good; nothing was changed." : "The routes file is in force."
    let nothing = dryRun ? "It says what is in force already." : "It says what was in force already."
    return [title] + (facts.isEmpty ? [nothing] : facts.lines)
  }
}
