import ArgumentParser

/// `switchyard resume`: ends whatever holds a subscriber.
struct ResumeCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "resume",
    abstract: "Ends whatever holds a subscriber: a pause, a 410, a Retry-After, an open breaker.",
    discussion: """
      A pause that the routes file itself says stays: remove "paused: true" there.

      EXAMPLES:
        switchyard resume moderation
      """)

  @Argument(help: "Its name.", completion: SubscriberArgument.completion, transform: SubscriberArgument.read)
  var name: String

  @OptionGroup var options: AdminOptions

  func run() async throws {
    let answer = try await options.door().post("v1", "subscribers", name, "resume")
    if options.json { return try LineWriter.standardOutput.print(try answer.line()) }
    let subscriber: AdminAPI.Subscriber = try answer.read()
    let reason = subscriber.reason.map { ": \($0)" } ?? "."
    let waiting = HumanText.count(subscriber.backlogEvents, "event")
    try LineWriter.standardOutput.print(
      "\(name) is resumed, with \(waiting) to go; its state is \(subscriber.state)\(reason)".printable)
  }
}
