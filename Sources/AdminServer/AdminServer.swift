package import GatewayCore
import Hummingbird
import HummingbirdCore
package import Logging
import NIOCore
package import PrometheusMetrics
import ServiceLifecycle
import Synchronization

/// The admin door: metrics, health, and what an operator may see and change.
///
/// `run` may be called once. It returns when the task's service group shuts down gracefully or after `stop`, when the
/// exchanges under way are finished or their time is over. It throws `AdminServerError` when the door cannot be opened.
package final class AdminServer: Service {
  /// Called once with the address and port that are really listened on, before the first request is answered.
  package typealias ListeningObserver = @Sendable (_ address: String, _ port: Int) async -> Void

  private let configuration: AdminServerConfiguration
  private let group: ServiceGroup
  private let isListening: ListeningFlag

  /// - Parameters:
  ///   - refreshGauges: awaited before each exposition of the registry.
  ///   - readPattern: reads what stands for events in a request.
  ///   - onListening: see `ListeningObserver`.
  package init(
    configuration: AdminServerConfiguration, control: any GatewayControl, delivery: any DeliveryControl,
    registry: PrometheusRegistry, readPattern: @escaping PatternReader, digest: any Digest, logger: Logger,
    refreshGauges: @escaping @Sendable () async -> Void,
    onListening: @escaping ListeningObserver = { _, _ in }
  ) {
    let limits = configuration.limits
    let parts = AdminParts(
      configuration: configuration, control: control, delivery: delivery, registry: registry,
      values: RequestValues(readPattern: readPattern), digest: digest, logger: logger)
    let isListening = ListeningFlag()
    self.configuration = configuration
    self.isListening = isListening
    // The framework's own lines are not in this log's words; only what is wrong passes.
    var frameworkLogger = logger
    frameworkLogger.logLevel = max(logger.logLevel, .error)
    let application = Application(
      responder: Self.responder(parts, refreshGauges: refreshGauges),
      server: .http1(configuration: Self.channelConfiguration(limits)),
      configuration: ApplicationConfiguration(
        address: .hostname(configuration.host, port: configuration.port),
        availableConnectionsDelegate: .maximum(limits.connections, logger: frameworkLogger)),
      onServerRunning: { channel in
        isListening.set()
        let address = channel.localAddress
        parts.policy.doorListens(on: address?.ipAddress.flatMap { IPAddress($0) })
        await Self.outlastAcceptErrors(channel, limits, logger)
        await onListening(address?.ipAddress ?? configuration.host, address?.port ?? configuration.port)
      },
      logger: frameworkLogger)
    var groupConfiguration = ServiceGroupConfiguration(
      services: [parts.activity, parts.feed, application], logger: frameworkLogger)
    groupConfiguration.maximumGracefulShutdownDuration = limits.stop
    group = ServiceGroup(configuration: groupConfiguration)
  }

  package func run() async throws {
    do {
      try await group.run()
    } catch is CancellationError {
      throw CancellationError()
    } catch {
      guard !isListening.isSet else { throw AdminServerError.stoppedAccepting }
      throw AdminServerError.cannotListen(host: configuration.host, port: configuration.port, error)
    }
  }

  /// Lets `run` come to its end, and returns at once.
  package func stop() async { await group.triggerGracefulShutdown() }

  private static func responder(
    _ parts: AdminParts, refreshGauges: @escaping @Sendable () async -> Void
  ) -> AdminResponder {
    let health = HealthEndpoints(control: parts.control)
    let (dashboard, session) = (parts.dashboard, parts.session)
    let router = AdminRouter()
    router.add(RequestBoundsMiddleware(limits: parts.limits))
    router.add(ProblemMiddleware(logger: parts.logger))
    router.add("/metrics", .get, MetricsEndpoint(registry: parts.registry, refreshGauges: refreshGauges).metrics)
    router.add("/livez", .get, health.live)
    router.add("/readyz", .get, health.ready)
    // These look themselves at who asks: whoever may not pass is asked to sign in.
    router.add("/", .get, dashboard.page)
    for asset in dashboard.assets { router.add("/dashboard/\(asset.name)", .get, dashboard.asset(asset)) }
    router.add("/session", .post, session.open)
    router.add("/session/end", .post, session.end)
    router.add(AccessMiddleware(policy: parts.policy, cookie: parts.cookie))
    router.add("/dashboard/stream", .get, dashboard.stream)
    parts.api.add(to: router)
    return router.responder()
  }

  private static func channelConfiguration(_ limits: AdminLimits) -> HTTP1Channel.Configuration {
    HTTP1Channel.Configuration(
      idleTimeout: TimeAmount(limits.idle),
      httpDecoderConfiguration: HTTP1Channel.Configuration.DecoderConfiguration(
        maxHeaderFieldSize: limits.headBytes, maxHeaderListSize: limits.headBytes,
        maxHeaderFieldCount: limits.headerCount))
  }

  private static func outlastAcceptErrors(_ channel: any Channel, _ limits: AdminLimits, _ logger: Logger) async {
    let added = channel.eventLoop.submit {
      let handler = AcceptPauseHandler(pause: limits.acceptPause, logger: logger)
      try channel.pipeline.syncOperations.addHandler(handler, position: .first)
    }
    do {
      try await added.get()
    } catch {
      logger.error("admin door is not guarded against accept errors", metadata: ["error": "\(error)"])
    }
  }
}

/// Whether the door was ever open: what went wrong before then was in opening it.
private final class ListeningFlag: Sendable {
  private let flag = Atomic<Bool>(false)

  var isSet: Bool { flag.load(ordering: .acquiring) }

  func set() { flag.store(true, ordering: .releasing) }
}
