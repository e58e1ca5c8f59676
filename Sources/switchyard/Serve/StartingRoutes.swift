import GatewayCore
import Logging
import OrderedCollections
import RoutesFile

/// The routes to start with: the file's, or the last good copy's if the file is bad.
struct StartingRoutes {
  let routes: Routes
  /// What is wrong with the file; empty if it is good.
  let problems: [RoutesProblem]
  /// The file's own copy to keep; nil when the gateway runs on an older one.
  let copy: [UInt8]?

  /// - Throws: `RoutesRejected` with the file's problems when there is no copy that could be used instead.
  init(path: String, loader: RoutesLoader, journal: any Journal, logger: Logger) async throws {
    do throws(RoutesRejected) {
      let loaded = try loader.load(path: path)
      logger.log(loaded.warnings)
      self.init(routes: loaded.routes, problems: [], copy: loaded.copy)
    } catch {
      guard let copy = try await journal.lastGoodRoutes(), let loaded = try? loader.load(copy: copy) else {
        throw error
      }
      logger.log(error.problems + loaded.warnings)
      for (name, reason) in loaded.routes.misconfigured {
        logger.error("subscriber misconfigured", metadata: ["subscriber": "\(name)", "reason": "\(reason)"])
      }
      logger.error(
        "the routes file is bad: running on the last good copy",
        metadata: ["file": "\(path)", "fingerprint": "\(loaded.routes.fingerprint)"])
      self.init(routes: loaded.routes, problems: error.problems, copy: nil)
    }
  }

  private init(routes: Routes, problems: [RoutesProblem], copy: [UInt8]?) {
    self.routes = routes
    self.problems = problems
    self.copy = copy
  }
}
