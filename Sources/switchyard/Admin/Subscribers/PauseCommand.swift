import ArgumentParser

/// `switchyard pause`: sends a subscriber nothing.
struct PauseCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "pause", abstract: "Sends a subscriber nothing until it is resumed, also after a restart.",
    discussion: """
      Its events wait, for as long as its keep says. What is in flight is finished.

      EXAMPLES:
        switchyard pause moderation
        switchyard pause moderation --admin https://gateway.example:8090
      """)

  @Argument(help: "Its name.", completion: SubscriberArgument.completion, transform: SubscriberArgument.read)
  var name: String

  @OptionGroup var options: AdminOptions

  func run() async throws {
    let answer = try await options.door().post("v1", "subscribers", name, "pause")
    if options.json { return try LineWriter.standardOutput.print(try answer.line()) }
    let subscriber: AdminAPI.Subscriber = try answer.read()
    let waiting = HumanText.count(subscriber.backlogEvents, "event")
    try LineWriter.standardOutput.print(
      "\(name) is paused, and \(waiting) wait\(subscriber.backlogEvents == 1 ? "s" : "") for it; "
        + "'switchyard resume \(name)' goes on.")
  }
}
