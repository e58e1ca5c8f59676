import ArgumentParser

/// `switchyard replays watch`.
struct WatchReplayCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "watch", abstract: "Draws a progress bar until a replay is over; Ctrl-C leaves it running.",
    discussion: """
      Exits with 1 if it was cancelled.

      EXAMPLES:
        switchyard replays watch replay-0123456789abcdef
      """)

  @Argument(help: "Its id.", transform: IDArgument.replay)
  var id: String

  @OptionGroup var options: AdminOptions

  func run() async throws {
    let door = try options.door()
    let replay: AdminAPI.Replay = try await door.get("v1", "replays", id).read()
    try await ReplayWatch(door: door, json: options.json).follow(replay)
  }
}
