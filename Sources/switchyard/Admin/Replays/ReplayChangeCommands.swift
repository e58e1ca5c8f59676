import ArgumentParser

/// `switchyard replays pause`.
struct PauseReplayCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "pause", abstract: "Sends nothing more of a replay until it is resumed.",
    discussion: """
      EXAMPLES:
        switchyard replays pause replay-0123456789abcdef
      """)

  @Argument(help: "Its id.", transform: IDArgument.replay)
  var id: String

  @OptionGroup var options: AdminOptions

  func run() async throws {
    try options.show(replay: try await options.door().post("v1", "replays", id, "pause"))
  }
}

/// `switchyard replays resume`.
struct ResumeReplayCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "resume", abstract: "Goes on with a paused replay.",
    discussion: """
      EXAMPLES:
        switchyard replays resume replay-0123456789abcdef
      """)

  @Argument(help: "Its id.", transform: IDArgument.replay)
  var id: String

  @OptionGroup var options: AdminOptions

  func run() async throws {
    try options.show(replay: try await options.door().post("v1", "replays", id, "resume"))
  }
}

/// `switchyard replays cancel`.
struct CancelReplayCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "cancel", abstract: "Ends a replay; what is in flight may still arrive.",
    discussion: """
      EXAMPLES:
        switchyard replays cancel replay-0123456789abcdef
      """)

  @Argument(help: "Its id.", transform: IDArgument.replay)
  var id: String

  @OptionGroup var options: AdminOptions

  func run() async throws {
    try options.show(replay: try await options.door().delete("v1", "replays", id))
  }
}

extension AdminOptions {
  /// Prints the one replay that the door has answered with.
  func show(replay answer: AdminAnswer) throws {
    let replay: AdminAPI.Replay = try answer.read()
    try LineWriter.standardOutput.print(json ? try answer.line() : replay.text)
  }
}

extension AdminAPI.Replay {
  /// All that is known of it.
  var text: String {
    var facts = FactList()
    facts.append("subscriber", subscriber)
    facts.append("why", reason)
    facts.append("accepted from", from)
    facts.append("to", to)
    facts.append("events", events?.joined(separator: ", "))
    facts.append("rate", rateLimit)
    facts.append("created", createdAt)
    facts.append("ended", endedAt)
    facts.append("done", "\(HumanText.count(doneEvents)) of \(isExact ? "" : "up to ")\(HumanText.count(totalEvents))")
    facts.append("to be retried", waitingEvents > 0 ? HumanText.count(waitingEvents) : nil)
    facts.append("dead letters", HumanText.count(deadLetters))
    return (["\(id), \(state)".printable] + facts.lines).joined(separator: "\n")
  }
}
