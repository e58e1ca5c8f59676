/// Who is asked before some commands of some apps, out of the routes file's `decisions`: validated, its references
/// resolved and the defaults filled in.
package struct Decision: Hashable, Sendable {
  /// What Tencent is answered when the decider gives no answer that could be passed on.
  package enum OnFailure: String, Hashable, Sendable, CaseIterable { case allow, deny }

  /// "Before" commands of the catalogue.
  package var commands: [String]
  /// Nil: of all apps.
  package var apps: Set<AppID>?
  package var endpoint: Endpoint
  /// Empty if it is unsigned.
  package var secrets: [Secret]
  /// Sent with each question, in the file's order; none of them is the gateway's own.
  package var headers: [WebhookRequest.Header]
  package var onFailure: OnFailure
  /// Why nobody can be asked (only when running on the last good copy), as a sentence: every question is answered by
  /// `onFailure`.
  package var misconfigured: String?

  package init(
    commands: [String], apps: Set<AppID>? = nil, endpoint: Endpoint, secrets: [Secret],
    headers: [WebhookRequest.Header] = [], onFailure: OnFailure = .allow, misconfigured: String? = nil
  ) {
    self.commands = commands
    self.apps = apps
    self.endpoint = endpoint
    self.secrets = secrets
    self.headers = headers
    self.onFailure = onFailure
    self.misconfigured = misconfigured
  }

  package func isAsked(before command: String, of app: AppID) -> Bool {
    commands.contains(command) && (apps?.contains(app) ?? true)
  }
}
