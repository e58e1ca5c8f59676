import ArgumentParser

/// The program: one command a subcommand.
@main
struct Switchyard: AsyncParsableCommand {
  static let version = "0.1.0"
  /// What all requests of the gateway carry.
  static let userAgent = "Switchyard/\(version)"

  static let configuration = CommandConfiguration(
    commandName: "switchyard",
    abstract: "Stands behind Tencent Cloud Chat's callback URL and delivers every event to your webhooks.",
    version: version,
    subcommands: [
      ServeCommand.self, CheckCommand.self, ExplainCommand.self, CatalogueCommand.self, ReceiveCommand.self,
      SendCommand.self, SimulateCommand.self, SecretCommand.self,
    ])
}
