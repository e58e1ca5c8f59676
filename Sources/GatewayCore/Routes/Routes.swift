package import OrderedCollections

/// What the routes file says, validated: the one value that a reload replaces.
package struct Routes: Hashable, Sendable {
  package var apps: OrderedDictionary<AppID, AppConfiguration>
  package var subscribers: OrderedDictionary<String, Subscriber>
  /// Subscribers that a reference needs which is not there (only when running on the last good copy), each with the
  /// reason as a sentence. Their events wait.
  package var misconfigured: OrderedDictionary<String, String>
  /// Who is asked before what: at most one for an app and a command.
  package var decisions: [Decision]
  /// Sixteen hex digits that differ when the resolved file differs.
  package var fingerprint: String

  package init(
    apps: OrderedDictionary<AppID, AppConfiguration>, subscribers: OrderedDictionary<String, Subscriber>,
    misconfigured: OrderedDictionary<String, String> = [:], decisions: [Decision] = [], fingerprint: String
  ) {
    self.apps = apps
    self.subscribers = subscribers
    self.misconfigured = misconfigured
    self.decisions = decisions
    self.fingerprint = fingerprint
  }
}

extension Routes {
  /// What callbacks are signed with that are sent on as they came: each app's first token. An app without tokens is not
  /// in it.
  package var forwardingTokens: [AppID: Secret] {
    Dictionary(uniqueKeysWithValues: apps.values.compactMap { app in app.tokens.first.map { (app.id, $0) } })
  }
}

/// One thing wrong with the routes file.
package struct RoutesProblem: Hashable, Sendable, Encodable, CustomStringConvertible {
  package enum Severity: String, Hashable, Sendable, Encodable { case error, warning }

  package var severity: Severity
  package var file: String
  /// From 1; nil when the problem is with the file as a whole.
  package var line: Int?
  package var column: Int?
  /// One sentence: what is wrong and what to do.
  package var message: String

  package init(severity: Severity = .error, file: String, line: Int? = nil, column: Int? = nil, message: String) {
    self.severity = severity
    self.file = file
    self.line = line
    self.column = column
    self.message = message
  }

  /// `routes.yaml:12:5: error: …`
  package var description: String {
    let place = [file] + [line, column].compactMap { $0.map(String.init) }
    return place.joined(separator: ":") + ": \(severity.rawValue): \(message)"
  }
}
