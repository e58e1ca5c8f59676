package import CoreMetrics
import Foundation
package import GatewayCore
package import Logging
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
package import OrderedCollections
import Synchronization
import TencentChat

/// The door Tencent posts to: HTTP/1.1 over TCP or TLS, one journal behind it.
///
/// A server is started once and stopped once. `update`, `closeSoon()` and `counts` may be used at any time and
/// from any task; before the first `update` every callback is of an unknown app.
package final class CallbackServer: Sendable {
  private enum Phase {
    case new
    case starting
    case running(Running)
    case stopped
  }

  private struct Running {
    let group: MultiThreadedEventLoopGroup
    let listener: any Channel
    let certificateWatch: Task<Void, Never>?
  }

  private let configuration: CallbackServerConfiguration
  private let door: CallbackDoor
  private let apps: AppDirectory
  private let decisions: DecisionDesk
  private let logger: Logger
  private let phase = Mutex(Phase.new)

  package init(
    configuration: CallbackServerConfiguration, journal: any BatchAppender, mark: GatewayMark, digest: any Digest,
    transport: any Transport,
    signers: any SignerFactory, clock: @escaping WallClock = Timestamp.now, logger: Logger,
    metrics factory: any MetricsFactory, limits: CallbackServerLimits = CallbackServerLimits()
  ) {
    let metrics = CallbackMetrics(factory: factory)
    decisions = DecisionDesk(
      transport: transport, signers: signers, userAgent: configuration.userAgent, metrics: factory,
      capacity: limits.openQuestions, logger: logger)
    let apps = AppDirectory(metrics: metrics)
    let log = RefusalLog(logger: logger, linesPerSecond: limits.refusalLinesPerSecond)
    self.configuration = configuration
    self.apps = apps
    self.logger = logger
    door = CallbackDoor(
      limits: limits,
      checks: HeadChecks(
        paths: configuration.paths, peers: PeerResolver(trustedProxies: configuration.trustedProxies), limits: limits,
        verifier: SignatureVerifier(digest: digest), apps: apps, mark: mark,
        clock: clock),
      intake: CallbackIntake(
        reader: CallbackReader(digest: digest), decisions: decisions,
        context: IntakeContext(
          journal: journal, ackDeadline: configuration.ackDeadline, limits: limits, metrics: metrics, log: log,
          clock: clock)),
      memory: IngestMemory(capacity: configuration.ingestMemory.bytes), metrics: metrics,
      log: log, clock: clock)
  }

  /// Replaces the apps whose callbacks are taken, and who is asked before what; it takes effect for the next request.
  package func update(apps: OrderedDictionary<AppID, AppConfiguration>, decisions: [Decision] = []) {
    self.decisions.update(decisions)
    self.apps.update(apps)
  }

  /// Opens the door.
  ///
  /// - Returns: The port that is bound.
  /// - Throws: `CallbackServerError`.
  package func start() async throws(CallbackServerError) -> Int {
    try phase.withLock { phase throws(CallbackServerError) in
      guard case .new = phase else { throw .startedTwice }
      phase = .starting
    }
    let certificate: TLSCertificate?
    if let files = configuration.tls {
      certificate = try TLSCertificate(files: files, logger: logger)
    } else {
      certificate = nil
    }
    Self.makeParserKnown()
    let group = MultiThreadedEventLoopGroup(numberOfThreads: max(1, configuration.threads))
    do {
      let listener = try await listen(on: group, certificate: certificate)
      let watch = certificate.map { certificate in Task { await certificate.watch() } }
      phase.withLock { $0 = .running(Running(group: group, listener: listener, certificateWatch: watch)) }
      return listener.localAddress?.port ?? configuration.port
    } catch {
      try? await group.shutdownGracefully()
      throw .cannotListen(address: address, reason: Self.reason(of: error))
    }
  }

  /// From now on each answer carries `Connection: close`. The door stays open.
  package func closeSoon() { door.closeSoon() }

  /// Closes the door: no new connections, idle ones are closed, requests under way are finished.
  ///
  /// What is not finished within `limit` is cut off. The threads end when the journal has let go of the last callback,
  /// which it does within the ack deadline.
  package func stop(within limit: Duration) async {
    let running = phase.withLock { phase -> Running? in
      defer { phase = .stopped }
      if case .running(let running) = phase { return running }
      return nil
    }
    guard let running else { return }
    running.certificateWatch?.cancel()
    door.closeSoon()
    try? await running.listener.close()
    await letAcceptedIn(running.group)
    door.connections.send(.stop)
    let connections = door.connections
    let cut = running.group.next().scheduleTask(in: TimeAmount(limit)) { connections.send(.abort) }
    await connections.waitUntilEmpty()
    cut.cancel()
    door.log.flush()
    try? await running.group.shutdownGracefully()
  }

  /// A connection that was accepted last goes to its own thread, back to the listener's and to its own again before it
  /// is among the connections. A group that shuts down in between forgets it, and leaves it open.
  private func letAcceptedIn(_ group: MultiThreadedEventLoopGroup) async {
    for _ in 0..<2 {
      for eventLoop in group.makeIterator() { try? await eventLoop.submit {}.get() }
    }
  }

  /// Since the start: callbacks accepted, repeated and refused, and events accepted.
  package var counts: (accepted: Int, duplicate: Int, rejected: Int, events: Int) { door.metrics.totals }
}

extension CallbackServer {
  /// Connections the kernel completes ahead of us.
  private static let backlog: Int32 = 1024

  private func listen(on group: MultiThreadedEventLoopGroup, certificate: TLSCertificate?) async throws
    -> any Channel
  {
    try await ServerBootstrap(group: group)
      .serverChannelOption(.backlog, value: Self.backlog)
      .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
      .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
      // One read, then the gate is asked again: it may have had enough.
      .childChannelOption(.maxMessagesPerRead, value: 1)
      // A client may end its side of the connection as soon as it has sent its request.
      .childChannelOption(.allowRemoteHalfClosure, value: true)
      .childChannelInitializer { [door] channel in
        channel.eventLoop.makeCompletedFuture { try Self.configure(channel, door: door, certificate: certificate) }
      }
      .bind(host: configuration.host, port: configuration.port).get()
  }

  /// The Swift runtime (6.3.1) crashes now and then when two threads are the first to need this generic type, as they
  /// are where connections wait for the door to open. After its first use here they find it made.
  private static func makeParserKnown() { _ = ByteToMessageHandler(HTTPRequestDecoder()) }

  private static func configure(_ channel: any Channel, door: CallbackDoor, certificate: TLSCertificate?) throws {
    let pipeline = channel.pipeline.syncOperations
    if let certificate { try pipeline.addHandler(NIOSSLServerHandler(context: certificate.context)) }
    let connection = CallbackConnectionHandler(door: door, eventLoop: channel.eventLoop)
    try pipeline.addHandler(connection.makeGate())
    try pipeline.addHandler(ByteToMessageHandler(HTTPRequestDecoder(limitConfiguration: parserLimits(door.limits))))
    try pipeline.addHandler(connection)
  }

  /// The parser counts names, values and the target; the exact size is checked once the head is whole.
  private static func parserLimits(_ limits: CallbackServerLimits) -> NIOHTTPDecoderLimitConfiguration {
    var configuration = NIOHTTPDecoderLimitConfiguration()
    configuration.maxHeaderFieldSize = limits.headSize
    configuration.maxHeaderListSize = limits.headSize
    configuration.maxHeaderFieldCount = limits.headSize / shortestField
    return configuration
  }

  /// `a:` and the line's end.
  private static let shortestField = 4

  private var address: String {
    configuration.host.contains(":")
      ? "[\(configuration.host)]:\(configuration.port)"
      : "\(configuration.host):\(configuration.port)"
  }

  private static func reason(of error: any Error) -> String {
    switch error {
    case let error as IOError: String(cString: strerror(error.errnoCode)).lowercased()
    case is SocketAddressError, is SocketAddressError.UnknownHost: "the host name is not known"
    default: "\(error)"
    }
  }
}
