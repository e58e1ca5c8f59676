package import GatewayCore
import NIOHTTP1
package import TencentChat

/// Checks 1 to 5 of the contract and the one for loops: what a request's head alone decides, in the contract's order.
package struct HeadChecks: Sendable {
  private let paths: [String]
  private let peers: PeerResolver
  private let limits: CallbackServerLimits
  private let verifier: SignatureVerifier
  private let apps: AppDirectory
  private let mark: GatewayMark
  private let clock: WallClock

  /// - Parameter mark: What callbacks carry that this gateway has sent on itself.
  package init(
    paths: [String], peers: PeerResolver, limits: CallbackServerLimits, verifier: SignatureVerifier,
    apps: AppDirectory, mark: GatewayMark, clock: @escaping WallClock
  ) {
    self.paths = paths
    self.peers = peers
    self.limits = limits
    self.verifier = verifier
    self.apps = apps
    self.mark = mark
    self.clock = clock
  }

  package func verdict(on request: RequestOutline, from connection: ConnectionPeer) -> HeadVerdict {
    let peer = resolved(connection, for: request)
    func refused(_ refusal: Refusal, app: AppEntry? = nil) -> HeadVerdict {
      .refused(refusal, app: app, peer: peer.text)
    }

    guard isCallbackPath(request.path) else { return refused(.notACallbackPath) }
    switch request.method {
    case .POST: break
    case .GET, .HEAD: return .probe
    default: return refused(.methodNotAllowed)
    }

    let query = CallbackQuery(String(request.query))
    let app = query.appID.flatMap(apps.entry(for:))
    if request.headSize > limits.headSize { return refused(.headTooLarge, app: app) }
    if request.declaredLength > limits.bodySize { return refused(.bodyTooLarge, app: app) }
    guard let app else { return refused(.unknownApp) }

    let isAllowed = app.configuration.allows(peer.address)
    if !isAllowed, app.configuration.allowMode == .enforce { return refused(.addressNotAllowed, app: app) }

    switch verifier.verify(query, app: app.configuration, now: clock()) {
    case .valid: break
    case .bad: return refused(.badSignature, app: app)
    case .stale: return refused(.staleSignature, app: app)
    }
    if request.via.contains(mark) { return refused(.ownMark, app: app) }
    if request.via.isFull { return refused(.tooManyMarks, app: app) }
    let callback = AdmittedCallback(
      query: query, app: app, peer: peer.text, traceparent: request.traceparent, via: request.via)
    return .admitted(callback, addressIsAllowed: isAllowed)
  }

  /// Compared byte for byte: `/callback/` is another path.
  package func isCallbackPath(_ path: some StringProtocol) -> Bool {
    paths.contains { $0.utf8.elementsEqual(path.utf8) }
  }

  private func resolved(_ connection: ConnectionPeer, for request: RequestOutline) -> ConnectionPeer {
    guard let address = connection.address, !request.forwardedFor.isEmpty else { return connection }
    let peer = peers.peer(connectedFrom: address, forwardedFor: request.forwardedFor)
    return peer == address ? connection : ConnectionPeer(address: peer)
  }
}

/// What a request's head decides.
package enum HeadVerdict: Sendable {
  /// The console asks whether anybody is there.
  case probe
  /// - app: Nil while it is not known.
  case refused(Refusal, app: AppEntry?, peer: String)
  /// Its body is wanted. `addressIsAllowed` is false when the app only reports addresses that are not on its list.
  case admitted(AdmittedCallback, addressIsAllowed: Bool)
}

/// A callback that has passed the checks of its head.
package struct AdmittedCallback: Sendable {
  package let query: CallbackQuery
  package let app: AppEntry
  package let peer: String
  package let traceparent: String?
  package let via: Via
}
