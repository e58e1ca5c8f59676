import GatewayCore
import OrderedCollections
import RoutesFile

/// What a running gateway goes by, as far as its admin door tells: names and fingerprints.
struct RunningRoutes: Sendable {
  /// Nil is a subscriber that is misconfigured there.
  var subscribers: [String: String?]
  var apps: [String: String]
  var decisions: String
  /// Whether the gateway refused its own file when it last read it.
  var isStale = false

  /// - Throws: `CommandFailure` where the gateway is too old to tell.
  static func read(from door: AdminDoor) async throws -> RunningRoutes {
    let list = try await door.list("subscribers", name: "subscribers")
    let subscribers: [AdminAPI.Subscriber] = try door.reading { try list.read() }
    let stats: AdminAPI.Stats = try await door.get("v1", "stats").read()
    guard let apps = stats.routes.apps, let decisions = stats.routes.decisionsFingerprint else {
      throw CommandFailure(
        "the gateway at \(door.address), of version \(stats.version), does not tell what its routes are; give it the "
          + "version of this program, \(Product.version)")
    }
    return RunningRoutes(
      subscribers: Dictionary(subscribers.map { ($0.name, $0.fingerprint) }) { $1 },
      apps: Dictionary(apps.map { (String($0.sdkAppId), $0.fingerprint) }) { $1 }, decisions: decisions,
      isStale: !stats.routes.problems.isEmpty)
  }

  /// What a file would change, in its order, and what it removes by name.
  func difference(to routes: Routes, digest: any Digest) -> RoutesDifference {
    var difference = RoutesDifference()
    difference.subscribers = Self.names(
      from: subscribers, to: routes.subscribers.values.map { ($0.name, $0.fingerprint(digest)) })
    difference.apps = Self.names(
      from: apps.mapValues(Optional.some), to: routes.apps.values.map { ($0.id.description, $0.fingerprint(digest)) })
    difference.decisionsChanged = decisions != routes.decisionsFingerprint(digest)
    return difference
  }

  private static func names(
    from running: [String: String?], to wanted: [(name: String, fingerprint: String)]
  ) -> RoutesDifference.Names {
    var names = RoutesDifference.Names()
    names.added = wanted.map(\.name).filter { running[$0] == nil }
    names.changed = wanted.filter { running[$0.name] != nil && running[$0.name] != .some($0.fingerprint) }.map(\.name)
    names.removed = Set(running.keys).subtracting(wanted.map(\.name)).sorted()
    return names
  }
}
