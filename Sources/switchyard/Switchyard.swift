import ArgumentParser

/// The program: one command a subcommand.
@main
struct Switchyard: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "switchyard",
    abstract: "Stands behind Tencent Cloud Chat's callback URL and delivers every event to your webhooks.",
    version: Product.version,
    subcommands: [
      ServeCommand.self, CheckCommand.self, ExplainCommand.self, CatalogueCommand.self, ReceiveCommand.self,
      SendCommand.self, SimulateCommand.self, SecretCommand.self,
    ])
}
