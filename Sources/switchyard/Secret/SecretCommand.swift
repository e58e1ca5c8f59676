import ArgumentParser

/// `switchyard secret`: what has to do with the secrets that sign deliveries.
struct SecretCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "secret", abstract: "Makes secrets that sign deliveries.",
    discussion: """
      EXAMPLES:
        switchyard secret new
      """, subcommands: [NewSecretCommand.self])
}
