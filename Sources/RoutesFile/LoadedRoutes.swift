package import GatewayCore

/// A routes file that is good.
package struct LoadedRoutes: Sendable {
  package var routes: Routes
  package var warnings: [RoutesProblem]
  /// The file and its includes, references unresolved: what `RoutesLoader.load(copy:)` reads.
  package var copy: [UInt8]
  /// The absolute paths, and the patterns of includes, that the load looked at.
  package var watched: [String]
}
