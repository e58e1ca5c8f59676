import GatewayCore

/// The body of a reload that succeeded: the names of the subscribers it touches.
struct RoutesChangeDocument: Encodable {
  let dryRun: Bool
  let fingerprint: String
  let added: [String]
  let removed: [String]
  let changed: [String]
  let warnings: [RoutesProblem]

  init(_ change: RoutesChange, dryRun: Bool) {
    self.dryRun = dryRun
    fingerprint = change.fingerprint
    added = change.added
    removed = change.removed
    changed = change.changed
    warnings = change.warnings
  }
}
