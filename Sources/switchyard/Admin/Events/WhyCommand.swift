import ArgumentParser
import GatewayCore

/// `switchyard why`: one event's story.
struct WhyCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "why", abstract: "Tells an event's story: its callback, and who got it, or why not.",
    discussion: """
      The id is what webhook-id says, and the log. --json has the event itself as well.

      EXAMPLES:
        switchyard why 0199f2c4-8a51-7c3e-9d10-2b7e6f0a4c11-0
        switchyard why 0199f2c4-8a51-7c3e-9d10-2b7e6f0a4c11-0 --json | jq .event
      """)

  @Argument(help: ArgumentHelp("The event's id.", valueName: "event-id"), transform: IDArgument.event)
  var id: String

  @OptionGroup var options: AdminOptions

  func run() async throws {
    let answer = try await options.door().get("v1", "events", id)
    if options.json { return try LineWriter.standardOutput.print(try answer.line()) }
    let story: AdminAPI.EventStory = try answer.read()
    try LineWriter.standardOutput.print(story.lines(now: .now()).joined(separator: "\n"))
  }
}
