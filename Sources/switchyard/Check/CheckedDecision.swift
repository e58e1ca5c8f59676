import GatewayCore
import OrderedCollections

/// Who is asked before which commands, as a check tells it.
struct CheckedDecision: Encodable {
  /// In the file's order, each once.
  var commands: OrderedSet<String>
  /// Nil: all.
  var apps: [String]?
  /// Without the query of the decider's own URL, which may hold a key.
  var url: String
  var timeout: String
  /// `allow` or `deny`.
  var onFailure: String

  init(_ decision: Decision) {
    commands = OrderedSet(decision.commands)
    apps = decision.apps?.sorted().map(\.description)
    url = decision.endpoint.shownURL
    timeout = decision.endpoint.timeout.text
    onFailure = decision.onFailure.rawValue
  }
}
