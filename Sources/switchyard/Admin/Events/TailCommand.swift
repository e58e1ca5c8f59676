import ArgumentParser
import GatewayCore

/// `switchyard tail`: attempts as they happen.
struct TailCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tail", abstract: "Prints attempts as they happen, a line each, until Ctrl-C.",
    discussion: """
      It connects again when the gateway is restarted, and says so. What happened meanwhile is not printed.

      EXAMPLES:
        switchyard tail
        switchyard tail --subscriber moderation --events 'blocklist.*'
        switchyard tail --json | jq -r 'select(.outcome != "success") | .error'
      """)

  @Option(
    help: ArgumentHelp("Only attempts at this subscriber.", valueName: "name"),
    completion: SubscriberArgument.completion, transform: SubscriberArgument.read)
  var subscriber: String?

  @Option(help: ArgumentHelp("Only events of this pattern, such as 'blocklist.*'.", valueName: "pattern"))
  var events: String?

  @OptionGroup var options: AdminOptions

  func validate() throws {
    guard events.map({ EventPattern($0) != nil && $0.utf8.count <= 200 }) ?? true else {
      throw ValidationError("--events takes a pattern, such as 'blocklist.*'")
    }
  }

  func run() async throws {
    let query = [("subscriber", subscriber), ("events", events)].compactMap { name, value in value.map { (name, $0) } }
    let tail = Tail(
      door: try options.door(), query: query, json: options.json, coloured: Terminal.hasColours && !options.json)
    _ = try await Interruption.until { try await tail.run() }
  }
}
