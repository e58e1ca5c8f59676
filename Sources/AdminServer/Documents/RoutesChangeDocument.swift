import GatewayCore

/// The body of a reload that succeeded: what it touches, subscribers by their names.
struct RoutesChangeDocument: Encodable {
  let dryRun: Bool
  let fingerprint: String
  let added: [String]
  let removed: [String]
  let changed: [String]
  let apps: Apps
  let decisionsChanged: Bool
  let warnings: [RoutesProblem]

  init(_ change: RoutesChange, dryRun: Bool) {
    self.dryRun = dryRun
    fingerprint = change.fingerprint
    added = change.added
    removed = change.removed
    changed = change.changed
    apps = Apps(
      added: change.addedApps.map(\.rawValue), removed: change.removedApps.map(\.rawValue),
      changed: change.changedApps.map(\.rawValue))
    decisionsChanged = change.changesDecisions
    warnings = change.warnings
  }

  struct Apps: Encodable {
    let added: [Int64]
    let removed: [Int64]
    let changed: [Int64]
  }
}
