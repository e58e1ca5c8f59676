import AdminServer
import CallbackServer
import CurlTransport
import Delivery
import Foundation
import GatewayCore
import Logging
import OpenSSLSigner
import PrometheusMetrics
import RoutesFile
import Spool
import TencentChat

/// The running gateway: it puts the rooms together, starts them in order, and stops them in order.
///
/// Starting: journal, routes, lanes, then the doors. Stopping: the callback door first, the journal last.
struct Gateway {
  /// One thread posts tens of thousands of requests a second; more than a few would only take turns.
  private static let transportThreads = min(4, max(1, ProcessInfo.processInfo.activeProcessorCount / 2))

  let settings: ServeSettings
  let journal: any Journal
  /// What keeps accepting while the journal is away.
  let spool: OpenSpool?
  let transport: CurlTransport
  let delivery: DeliveryService
  let retention: RetentionService
  let door: CallbackServer
  let admin: AdminServer
  let reloader: RoutesReloader
  let watcher: RoutesWatcher
  let readiness = Readiness()
  let doors: Doors
  let logger: Logger

  /// Opens the journal and reads the routes; nothing is served yet.
  ///
  /// - Throws: `RoutesRejected` when neither the file nor a last good copy can be used.
  init(settings: ServeSettings, logger: Logger) async throws {
    self.settings = settings
    self.logger = logger
    let clock: WallClock = Timestamp.now
    let digest = OpenSSLDigest()
    let registry = PrometheusRegistry.gateway()
    let loader = RoutesLoader.standard()
    watcher = RoutesWatcher(loader: loader, path: settings.routes)
    journal = try await settings.journal.open(clock: clock, logger: logger, metrics: registry)
    spool = try await Self.openSpool(before: journal, settings, clock, logger, registry)
    let appender: any BatchAppender = spool?.spool ?? journal
    let start = try await StartingRoutes(path: settings.routes, loader: loader, journal: journal, logger: logger)
    transport = CurlTransport(userAgent: Product.userAgent, threads: Self.transportThreads, logger: logger)
    doors = Doors(
      expected: ["callbacks": settings.listen, "admin": settings.admin], transport: transport, logger: logger)
    delivery = DeliveryService(
      context: DeliveryContext(
        journal: journal, transport: transport, signers: OpenSSLSignerFactory(), deriver: CallbackEventDeriver(),
        forwarder: CallbackForwarder(digest: digest), digest: digest, clock: clock, logger: logger, metrics: registry,
        userAgent: Product.userAgent, gatewayName: Self.name))
    retention = RetentionService(
      delivery: delivery, journal: journal, retain: settings.retain, maximumSize: settings.journalMaxSize,
      clock: clock, logger: logger)
    let connections = DescriptorLimit.doors
    var limits = CallbackServerLimits()
    limits.connections = connections.callbacks
    door = CallbackServer(
      configuration: CallbackServerConfiguration(settings), journal: appender, mark: journal.mark, digest: digest,
      transport: transport,
      signers: OpenSSLSignerFactory(), clock: clock, logger: logger, metrics: registry, limits: limits)
    reloader = RoutesReloader(
      path: settings.routes, loader: loader, start: start, journal: journal, metrics: registry, digest: digest,
      clock: clock,
      logger: logger
    ) { [delivery, door] routes throws(JournalError) in
      try await delivery.apply(routes)
      door.update(apps: routes.apps, decisions: routes.decisions)
    }
    let control = GatewayStatusReporter(
      startedAt: clock(), journal: journal, appender: appender, delivery: delivery, door: door, reloader: reloader,
      readiness: readiness)
    let spoolGauges = SpoolGauges(factory: registry)
    let gauges = StatusGauges(version: Product.version, factory: registry)
    let refresh = GaugeRefresh { if let status = try? await control.status() { gauges.show(status) } }
    admin = AdminServer(
      configuration: AdminServerConfiguration(
        host: settings.admin.host, port: settings.admin.port, tokens: settings.adminTokens,
        connections: connections.admin),
      control: control, delivery: delivery, registry: registry, readPattern: KnownEvents.standard.read,
      digest: digest, logger: logger,
      refreshGauges: { [spool] in
        await spoolGauges.show(spool?.spool)
        await refresh()
      },
      onListening: { [doors] _, port in
        doors.opened("admin", at: ListenAddress(host: settings.admin.host, port: port))
      })
  }

  /// What other gateways on the same journal know this one by: the host's name and the process.
  private static var name: String {
    var bytes = [CChar](repeating: 0, count: 256)
    let isKnown = gethostname(&bytes, bytes.count - 1) == 0
    let host = String(decoding: bytes.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    return "\(isKnown ? host : "unknown")/\(ProcessInfo.processInfo.processIdentifier)"
  }
}
