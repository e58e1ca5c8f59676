import ArgumentParser

/// `switchyard replays show`.
struct ShowReplayCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "Shows one replay and how far it has come.",
    discussion: """
      EXAMPLES:
        switchyard replays show replay-0123456789abcdef
      """)

  @Argument(help: "Its id.", transform: IDArgument.replay)
  var id: String

  @OptionGroup var options: AdminOptions

  func run() async throws {
    let answer = try await options.door().get("v1", "replays", id)
    try options.show(replay: answer)
  }
}
