import ArgumentParser
import CallbackServer
import Foundation
import GatewayCore
import OrderedCollections
import RoutesFile

/// `switchyard explain`: what would become of a callback, without anything becoming of it.
struct ExplainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "explain",
    abstract: "Tells what becomes of a callback: the checks, its events, who gets which and why not, one delivery.",
    discussion: """
      Nothing is sent and nothing is written. The delivery is shown with placeholders for signatures and secrets.
      A query or body from the log of a proxy will do: a Sign that is too old is said to be, and the rest goes on.
      Exits with 78 if the routes file is bad.

      EXAMPLES:
        switchyard explain --query 'SdkAppid=1400000000' callback.json
        switchyard explain --query "$query" --peer 203.0.113.7 \\
          --subscriber moderation callback.json
      """)

  /// Events that are listed without `--all`.
  static let eventsShown = 20

  @Option(help: ArgumentHelp("The routes file.", valueName: "file"))
  var routes = "routes.yaml"

  @Option(help: ArgumentHelp("The callback's query, or its whole URL.", valueName: "SdkAppid=…&…"))
  var query: QueryArgument

  @Option(
    help: ArgumentHelp("The address it came from; without it the allowlist is not looked at.", valueName: "address"))
  var peer: String?

  @Option(help: ArgumentHelp("Whose delivery is shown; default: the first that gets any.", valueName: "name"))
  var subscriber: String?

  @Flag(help: "List all events, not the first \(Self.eventsShown).")
  var all = false

  @Flag(help: "Print the same as one JSON object.")
  var json = false

  @Argument(help: ArgumentHelp("The callback's body; - reads standard input.", valueName: "callback.json"))
  var callback: String

  func validate() throws {
    guard peer.map({ IPAddress($0) != nil }) ?? true else {
      throw ValidationError("--peer must be an IPv4 or IPv6 address, such as 203.0.113.7")
    }
  }

  func run() throws {
    let loaded: LoadedRoutes
    do throws(RoutesRejected) {
      loaded = try RoutesLoader.standard().load(path: routes)
    } catch {
      for line in error.lines(path: routes) { LineWriter.standardError.tell(line) }
      throw ExitStatus.configuration
    }
    if let subscriber, loaded.routes.subscribers[subscriber] == nil {
      let suggestion = Suggestion.clause(for: subscriber, among: loaded.routes.subscribers.keys)
      throw ValidationError("\(routes) has no subscriber '\(subscriber)'\(suggestion)")
    }
    let body = try InputFile.read(path: callback, limit: OutgoingCallback.maxFileBytes)
    let explainer = Explainer(
      routes: loaded.routes, peer: peer.flatMap { IPAddress($0) }, subscriber: subscriber,
      eventsShown: all ? .max : Self.eventsShown, now: .now())
    let explanation = try explainer.explain(query: query.text, body: body)
    try LineWriter.standardOutput.print(json ? try explanation.jsonLine() : explanation.text)
  }
}
