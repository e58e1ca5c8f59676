import ArgumentParser

/// `switchyard dead-letters`: what was given up.
struct DeadLettersCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "dead-letters", abstract: "Lists, shows, sends again or deletes what was given up.",
    discussion: """
      A dead letter is a delivery that was given up, or a range of events that was given up unread (expired).

      EXAMPLES:
        switchyard dead-letters list --subscriber moderation
        switchyard dead-letters show 3-1041
        switchyard dead-letters replay --subscriber moderation --error 'was 422'
        switchyard dead-letters discard 3-1041
      """,
    subcommands: [
      ListDeadLettersCommand.self, ShowDeadLetterCommand.self, ReplayDeadLettersCommand.self,
      DiscardDeadLettersCommand.self,
    ])
}
