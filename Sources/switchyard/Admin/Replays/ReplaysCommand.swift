import ArgumentParser

/// `switchyard replays`: those that run, and those of the last week.
struct ReplaysCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "replays", abstract: "Lists, shows, watches, pauses, resumes and cancels replays.",
    discussion: """
      EXAMPLES:
        switchyard replays list
        switchyard replays watch replay-0123456789abcdef
        switchyard replays cancel replay-0123456789abcdef
      """,
    subcommands: [
      ListReplaysCommand.self, ShowReplayCommand.self, WatchReplayCommand.self, PauseReplayCommand.self,
      ResumeReplayCommand.self, CancelReplayCommand.self,
    ])
}
