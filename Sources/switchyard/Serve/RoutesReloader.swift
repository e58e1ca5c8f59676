import CoreMetrics
import GatewayCore
import Logging
import OrderedCollections
import RoutesFile

/// Holds the routes in force and replaces them: one reload at a time, all of it or nothing.
actor RoutesReloader {
  /// What a good file is given to, in order: first to what must be durable before it takes effect.
  typealias Apply = @Sendable (Routes) async throws(JournalError) -> Void

  private let path: String
  private let loader: RoutesLoader
  private let journal: any Journal
  private let apply: Apply
  private let clock: WallClock
  private let logger: Logger
  private let metrics: ReloadMetrics
  private(set) var current: Routes {
    didSet { prints = SettingsPrints(current, digest) }
  }
  /// Of `current`: made once, since they are asked for with every status.
  private(set) var prints: SettingsPrints
  private let digest: any Digest
  private(set) var loadedAt: Timestamp
  /// What was wrong with the file when it was last read, if it was not taken.
  private(set) var problems: [RoutesProblem]
  private let startingCopy: [UInt8]?
  private var hasStarted = false
  /// Whether the routes in force are all of `current`.
  private var isApplied = true
  /// The last reload begun: the next one waits for it.
  private var turn: Task<Result<RoutesChange, RoutesRejected>, Never>?

  /// - Parameter start: The routes to start with; `applyStart` puts them in force.
  init(
    path: String, loader: RoutesLoader, start: StartingRoutes, journal: any Journal, metrics: any MetricsFactory,
    digest: any Digest, clock: @escaping WallClock, logger: Logger, apply: @escaping Apply
  ) {
    self.path = path
    self.loader = loader
    self.journal = journal
    self.apply = apply
    self.clock = clock
    self.logger = logger
    self.metrics = ReloadMetrics(factory: metrics)
    problems = start.problems
    self.digest = digest
    current = start.routes
    prints = SettingsPrints(start.routes, digest)
    startingCopy = start.copy
    loadedAt = clock()
    self.metrics.started(isGood: problems.isEmpty, at: loadedAt)
  }

  /// Puts the routes in force that the gateway starts with.
  func applyStart() async throws(JournalError) {
    try await apply(current)
    if let startingCopy { try await journal.saveLastGoodRoutes(startingCopy) }
    hasStarted = true
    logger.info("routes loaded", metadata: ["fingerprint": "\(current.fingerprint)"])
  }

  /// Reads the file now. With `dryRun` nothing takes effect and nothing is counted.
  ///
  /// Before the routes of the start are in force it is refused: the two would be applied at the same time. A file that
  /// changes in that time is noticed by the watcher.
  func reload(dryRun: Bool) async throws(RoutesRejected) -> RoutesChange {
    guard hasStarted else {
      let message = "the gateway is still starting; reload again when /readyz answers 200"
      throw RoutesRejected(problems: [RoutesProblem(file: path, message: message)])
    }
    let task = Task { [turn] in
      _ = await turn?.value
      return await take(dryRun: dryRun)
    }
    turn = task
    return try await task.value.get()
  }

  private func take(dryRun: Bool) async -> Result<RoutesChange, RoutesRejected> {
    do throws(RoutesRejected) {
      let loaded = try loader.load(path: path)
      let change = RoutesChange(from: current, to: loaded.routes, warnings: loaded.warnings)
      if !dryRun { try await put(loaded, change) }
      return .success(change)
    } catch {
      if !dryRun { refuse(error) }
      return .failure(error)
    }
  }

  private func put(_ loaded: LoadedRoutes, _ change: RoutesChange) async throws(RoutesRejected) {
    do throws(JournalError) {
      // What has failed before may have been done in part, so it is done again whatever the file now says.
      if loaded.routes != current || !isApplied {
        isApplied = false
        try await apply(loaded.routes)
        isApplied = true
      }
    } catch {
      let message = "the routes were good but could not take effect: \(error); they are tried again at the next reload"
      throw RoutesRejected(problems: [RoutesProblem(file: path, message: message)])
    }
    current = loaded.routes
    do throws(JournalError) {
      try await journal.saveLastGoodRoutes(loaded.copy)
    } catch {
      logger.error(
        "the routes are in force, but their copy for a bad file at start could not be kept",
        metadata: ["error": "\(error)"])
    }
    loadedAt = clock()
    problems = []
    metrics.succeeded(at: loadedAt)
    logger.log(loaded.warnings)
    logger.info(
      "routes reloaded",
      metadata: [
        "fingerprint": "\(change.fingerprint)", "added": "\(change.added.joined(separator: ","))",
        "removed": "\(change.removed.joined(separator: ","))", "changed": "\(change.changed.joined(separator: ","))",
        "apps.changed": "\(change.touchedApps.map(\.description).joined(separator: ","))",
        "decisions.changed": "\(change.changesDecisions)",
      ])
  }

  private func refuse(_ rejected: RoutesRejected) {
    problems = rejected.problems
    metrics.failed()
    logger.log(rejected.problems)
    logger.error("the routes file is bad: the routes in force stay as they are")
  }
}

/// The fingerprints of a routes file's apps and decisions.
struct SettingsPrints: Sendable {
  let apps: [AppFingerprint]
  let decisions: String

  init(_ routes: Routes, _ digest: any Digest) {
    apps = routes.apps.values.map { AppFingerprint(app: $0.id, text: $0.fingerprint(digest)) }
    decisions = routes.decisionsFingerprint(digest)
  }
}

extension Logger {
  /// A line each, at the level of its severity.
  func log(_ problems: [RoutesProblem]) {
    for problem in problems {
      log(level: problem.severity == .error ? .error : .warning, "routes file", metadata: ["problem": "\(problem)"])
    }
  }
}
