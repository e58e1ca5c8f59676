import GatewayCore

/// What the file's values are held against that the file itself does not say.
struct RoutesRules: Sendable {
  let events: KnownEvents
  /// The commands that a decider can be asked before.
  let questions: [String]
  let validateSecret: @Sendable (Secret) throws(SecretError) -> Void
  let inspectTLS: @Sendable (TLSSettings) -> [TLSFinding]
}
