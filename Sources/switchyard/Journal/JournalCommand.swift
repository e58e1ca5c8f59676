import ArgumentParser

/// `switchyard journal`: what has to do with a journal that no gateway serves.
struct JournalCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "journal", abstract: "Works on a journal that no gateway serves.",
    discussion: """
      EXAMPLES:
        switchyard journal copy sqlite:switchyard.db sqlite:copy.db
      """, subcommands: [JournalCopyCommand.self])
}
