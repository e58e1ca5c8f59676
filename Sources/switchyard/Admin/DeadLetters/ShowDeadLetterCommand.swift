import ArgumentParser
import GatewayCore

/// `switchyard dead-letters show`: one of them with all that is kept of it.
struct ShowDeadLetterCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "Shows one dead letter: the request, the last response, the error, the attempts.",
    discussion: """
      The request is as an attempt makes it, without signatures. It shows a person's data.

      EXAMPLES:
        switchyard dead-letters show 3-1041
        switchyard dead-letters show 0199f2c4-8a51-7c3e-9d10-2b7e6f0a4c11-0
      """)

  @Argument(
    help: "Its id, or that of its event where that is dead at one subscriber alone.", transform: IDArgument.deadLetter)
  var id: String

  @OptionGroup var options: AdminOptions

  func run() async throws {
    let answer = try await options.door().get("v1", "dead-letters", id)
    if options.json { return try LineWriter.standardOutput.print(try answer.line()) }
    let story: AdminAPI.DeadLetterStory = try answer.read()
    try LineWriter.standardOutput.print(story.lines.joined(separator: "\n"))
  }
}

extension AdminAPI.DeadLetterStory {
  private static let eventIDsShown = 10

  /// Paragraphs, nothing in which acts on a terminal.
  var lines: [String] {
    let paragraphs = [
      facts, eventLines, requestLines, attempts.isEmpty ? [] : ["Attempts:"] + AttemptTable.lines(attempts),
    ]
    return Array(paragraphs.filter { !$0.isEmpty }.joined(separator: [""]))
  }

  private var facts: [String] {
    var facts = FactList()
    facts.append("subscriber", deadLetter.subscriber)
    facts.append("replay", deadLetter.replay)
    facts.append("events", HumanText.count(deadLetter.events))
    facts.append("type", deadLetter.type)
    facts.append("accepted", deadLetter.acceptedAt)
    facts.append("given up", deadLetter.endedAt)
    facts.append("attempts", HumanText.count(deadLetter.attempts))
    facts.append("error", deadLetter.error)
    return ["Dead letter \(deadLetter.id), \(deadLetter.state)".printable] + facts.lines
  }

  private var eventLines: [String] {
    let ids = eventIds ?? [deadLetter.eventId].compactMap(\.self)
    guard !ids.isEmpty else { return [] }
    let left = deadLetter.events - min(ids.count, Self.eventIDsShown)
    return ["Events:"] + ids.prefix(Self.eventIDsShown).map { "  \($0.printable)" }
      + (left > 0 ? ["  and \(HumanText.count(left)) more"] : [])
  }

  private var requestLines: [String] {
    guard let request else { return ["The request can no longer be made: its callback is not retained any more."] }
    return ["Request:", "  \(request.method) \(request.url)".printable]
      + request.headers.map { "  \($0.name): \($0.value)".printable } + [""]
      + request.body.split(separator: "\n", omittingEmptySubsequences: false).map { "  " + String($0).printable }
  }
}
