import ArgumentParser
import Foundation

/// The program: one command a subcommand.
@main
struct Switchyard: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "switchyard",
    abstract: "Stands behind Tencent Cloud Chat's callback URL and delivers every event to your webhooks.",
    discussion: """
      EXAMPLES:
        switchyard check routes.yaml
        switchyard serve
        switchyard subscribers
      """,
    version: Product.version,
    subcommands: [
      ServeCommand.self, CheckCommand.self, ExplainCommand.self, CatalogueCommand.self, ReceiveCommand.self,
      SendCommand.self, SimulateCommand.self, SecretCommand.self, StatsCommand.self, SubscribersCommand.self,
      PauseCommand.self, ResumeCommand.self, ForgetCommand.self, DeadLettersCommand.self, ReplayCommand.self,
      ReplaysCommand.self, WhyCommand.self, TailCommand.self, BackupCommand.self, ReloadCommand.self,
      JournalCommand.self, CompletionsCommand.self,
    ])

  static func main() async {
    do {
      var command = try await asyncParseAsRoot()
      if var command = command as? any AsyncParsableCommand {
        try await command.run()
      } else {
        try command.run()
      }
    } catch {
      end(with: error)
    }
  }

  /// As `exit(withError:)`, which would write an error as it is.
  private static func end(with error: any Error) -> Never {
    let code = exitCode(for: error)
    // Help and the version, which are the program's own words.
    if code.isSuccess { exit(withError: error) }
    for line in lines(on: error) { LineWriter.standardError.tell(line) }
    Foundation.exit(code.rawValue)
  }

  /// What is said of an error: a sentence, and of bad usage how the command is used. Nothing of one that has been told.
  static func lines(on error: any Error) -> [String] {
    if error is CommandFailure || error is AdminDoorError { return ["Error: \(error)"] }
    let message = fullMessage(for: error)
    return message.isEmpty ? [] : message.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
  }
}
