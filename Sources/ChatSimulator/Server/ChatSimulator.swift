package import GatewayCore
import Hummingbird
import HummingbirdCore
package import Logging
import NIOCore
import ServiceLifecycle
import Synchronization

/// A local stand-in for Tencent's Chat REST API: keeps relationships in memory, and posts the callbacks of what changes.
///
/// `run` may be called once. It returns after `stop`, when the exchanges under way are finished and what callbacks wait
/// have been posted, or their time is over. It throws `SimulatorError` when it cannot listen.
package final class ChatSimulator: Sendable {
  /// Called once with the port that is really listened on, before the first request is answered.
  package typealias ListeningObserver = @Sendable (_ port: Int) async -> Void

  private let configuration: SimulatorConfiguration
  private let poster: CallbackPoster
  private let group: ServiceGroup
  private let isListening: Flag

  package init(
    configuration: SimulatorConfiguration, endpoint: RESTEndpoint, callbacks: CallbackSettings,
    transport: any Transport, digest: any Digest, observer: any SimulatorObserver, logger: Logger,
    clock: @escaping WallClock = Timestamp.now, onListening: @escaping ListeningObserver
  ) {
    let limits = configuration.limits
    let isListening = Flag()
    let poster = CallbackPoster(
      settings: callbacks, transport: transport, digest: digest, observer: observer, clock: clock)
    // The framework's own lines are not in this program's words; only what is wrong passes.
    var frameworkLogger = logger
    frameworkLogger.logLevel = max(logger.logLevel, .error)
    let application = Application(
      responder: SimulatorResponder(
        endpoint: endpoint, poster: poster, latency: configuration.latency, limits: limits),
      server: .http1(configuration: Self.channelConfiguration(limits)),
      configuration: ApplicationConfiguration(
        address: .hostname(configuration.host, port: configuration.port),
        availableConnectionsDelegate: .maximum(limits.connections, logger: frameworkLogger)),
      onServerRunning: { channel in
        isListening.set()
        await onListening(channel.localAddress?.port ?? configuration.port)
      },
      logger: frameworkLogger)
    var groupConfiguration = ServiceGroupConfiguration(services: [application], logger: frameworkLogger)
    groupConfiguration.maximumGracefulShutdownDuration = limits.stop
    group = ServiceGroup(configuration: groupConfiguration)
    self.configuration = configuration
    self.poster = poster
    self.isListening = isListening
  }

  package func run() async throws {
    try await withThrowingTaskGroup(of: Void.self) { tasks in
      tasks.addTask { await self.poster.run() }
      var failure: (any Error)?
      do {
        try await serve()
      } catch {
        failure = error
      }
      poster.finish()
      tasks.addTask { try? await Task.sleep(for: self.configuration.limits.posting) }
      // Whichever ends first: the posting, or its time.
      try await tasks.next()
      tasks.cancelAll()
      if let failure { throw failure }
    }
  }

  /// Lets `run` come to its end, and returns at once.
  package func stop() async { await group.triggerGracefulShutdown() }

  private func serve() async throws {
    do {
      try await group.run()
    } catch is CancellationError {
      throw CancellationError()
    } catch {
      guard !isListening.isSet else { throw SimulatorError.stoppedAccepting }
      throw SimulatorError.cannotListen(host: configuration.host, port: configuration.port, error)
    }
  }

  private static func channelConfiguration(_ limits: SimulatorLimits) -> HTTP1Channel.Configuration {
    HTTP1Channel.Configuration(
      idleTimeout: TimeAmount(limits.idle),
      httpDecoderConfiguration: HTTP1Channel.Configuration.DecoderConfiguration(
        maxHeaderFieldSize: limits.headBytes, maxHeaderListSize: limits.headBytes,
        maxHeaderFieldCount: limits.headerCount))
  }
}

private final class Flag: Sendable {
  private let flag = Atomic<Bool>(false)

  var isSet: Bool { flag.load(ordering: .acquiring) }

  func set() { flag.store(true, ordering: .releasing) }
}
