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
