/// What a reload changed, or would change.
package struct RoutesChange: Hashable, Sendable {
  package var fingerprint: String
  /// Names of subscribers; so in the next two.
  package var added: [String]
  package var removed: [String]
  package var changed: [String]
  package var addedApps: [AppID]
  package var removedApps: [AppID]
  package var changedApps: [AppID]
  package var changesDecisions: Bool
  package var warnings: [RoutesProblem]

  package init(
    fingerprint: String, added: [String], removed: [String], changed: [String], addedApps: [AppID] = [],
    removedApps: [AppID] = [], changedApps: [AppID] = [], changesDecisions: Bool = false, warnings: [RoutesProblem]
  ) {
    self.fingerprint = fingerprint
    self.added = added
    self.removed = removed
    self.changed = changed
    self.addedApps = addedApps
    self.removedApps = removedApps
    self.changedApps = changedApps
    self.changesDecisions = changesDecisions
    self.warnings = warnings
  }

  /// Apps that are not as they were.
  package var touchedApps: [AppID] { addedApps + removedApps + changedApps }

  package init(from old: Routes, to new: Routes, warnings: [RoutesProblem]) {
    let (subscribers, apps) = (
      Self.difference(Array(old.subscribers), Array(new.subscribers)), Self.difference(Array(old.apps), Array(new.apps))
    )
    self.init(
      fingerprint: new.fingerprint, added: subscribers.added, removed: subscribers.removed,
      changed: subscribers.changed, addedApps: apps.added, removedApps: apps.removed, changedApps: apps.changed,
      changesDecisions: old.decisions != new.decisions, warnings: warnings)
  }

  private static func difference<Name: Hashable, Value: Hashable>(
    _ old: [(key: Name, value: Value)], _ new: [(key: Name, value: Value)]
  ) -> (added: [Name], removed: [Name], changed: [Name]) {
    let before = Dictionary(uniqueKeysWithValues: old.map { ($0.key, $0.value) })
    let after = Set(new.map(\.key))
    return (
      added: new.map(\.key).filter { before[$0] == nil }, removed: old.map(\.key).filter { !after.contains($0) },
      changed: new.filter { entry in before[entry.key].map { $0 != entry.value } ?? false }.map(\.key)
    )
  }
}

/// The routes file is bad: every problem at once.
package struct RoutesRejected: Error, Hashable, Sendable {
  package var problems: [RoutesProblem]

  package init(problems: [RoutesProblem]) { self.problems = problems }
}
