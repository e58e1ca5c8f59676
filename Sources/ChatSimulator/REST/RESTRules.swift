package import GatewayCore

/// What calls are held against before they change anything.
package struct RESTRules: Sendable {
  /// Tencent's limit for each call of an app.
  package static let standardCallsPerSecond = 200

  /// Nil: every app there could be.
  package var apps: Set<AppID>?
  package var administrators: Set<AccountID>
  /// For each app and command; nil for no limit.
  package var callsPerSecond: Int? = standardCallsPerSecond
  package var choices = SimulatorChoices()

  package init(apps: Set<AppID>?, administrators: Set<AccountID>) {
    self.apps = apps
    self.administrators = administrators
  }
}
