import GatewayCore
package import Logging
import NIOCore
import Synchronization

/// Logs what the door turns away, at most so many lines a second and kind: nobody can fill a disk by being refused.
///
/// No line ever holds a query string, a signature or a body.
package final class RefusalLog: Sendable {
  /// What shares one allowance of lines.
  private enum Kind: Hashable {
    case refused(RejectionReason)
    case reportedAddress
    case connection
    case unjournaled
  }

  private let logger: Logger
  private let linesPerSecond: Int
  private let limiters = Mutex<[Kind: RefusalLogLimiter]>([:])

  package init(logger: Logger, linesPerSecond: Int) {
    self.logger = logger
    self.linesPerSecond = linesPerSecond
  }

  /// - Parameters:
  ///   - detail: One more sentence for the operator, instead of the refusal's cause; never anything the sender wrote.
  ///   - eventLoop: Where the count of held lines is written from when the second is over.
  func refused(_ refusal: Refusal, app: AppID?, peer: String, detail: String?, on eventLoop: any EventLoop) {
    guard mayWrite(.refused(refusal.reason), on: eventLoop) else { return }
    var metadata = metadata(of: refusal.reason, app: app, peer: peer)
    metadata["status"] = "\(refusal.status)"
    if let cause = detail ?? refusal.cause { metadata["error"] = "\(cause)" }
    logger.log(level: refusal.reason.isGatewayFault ? .warning : .notice, "refused a callback", metadata: metadata)
  }

  /// The app takes callbacks from anywhere and wants to know which addresses its list lacks.
  func reportedAddress(app: AppID, peer: String, on eventLoop: any EventLoop) {
    guard mayWrite(.reportedAddress, on: eventLoop) else { return }
    logger.notice(
      "callback from an address that is not allowed", metadata: metadata(of: .ipNotAllowed, app: app, peer: peer))
  }

  /// There are as many connections as there may be.
  func refusedConnection(peer: String, on eventLoop: any EventLoop) {
    guard mayWrite(.connection, on: eventLoop) else { return }
    logger.warning("refused a connection: too many are open", metadata: ["peer": "\(peer)"])
  }

  /// A question was answered before its callback was known to be on disk: whether it will ever be is not known.
  func unjournaled(_ kind: EventKind, error: String, on eventLoop: any EventLoop) {
    guard mayWrite(.unjournaled, on: eventLoop) else { return }
    logger.warning(
      "a decision was answered that is not on disk",
      metadata: ["app": "\(kind.app)", "command": "\(kind.command)", "error": "\(error)"])
  }

  /// A reset, or a TLS handshake that came to nothing.
  func connectionFailed(_ error: any Error, peer: String) {
    logger.debug("connection failed", metadata: ["peer": "\(peer)", "error": "\(error)"])
  }

  /// Writes the counts that are due later; for the end of the server.
  func flush() {
    for kind in limiters.withLock({ Array($0.keys) }) { writeHeldCount(of: kind) }
  }

  private func metadata(of reason: RejectionReason, app: AppID?, peer: String) -> Logger.Metadata {
    ["app": "\(app?.description ?? "unknown")", "reason": "\(reason.rawValue)", "peer": "\(peer)"]
  }

  private func mayWrite(_ kind: Kind, on eventLoop: any EventLoop) -> Bool {
    let verdict = limiters.withLock { limiters in
      limiters[kind, default: RefusalLogLimiter(linesPerWindow: linesPerSecond)].admit(at: .now())
    }
    if verdict == .holdAndCountLater {
      eventLoop.scheduleTask(in: RefusalLogLimiter.window) { self.writeHeldCount(of: kind) }
    }
    return verdict == .write
  }

  private func writeHeldCount(of kind: Kind) {
    let count = limiters.withLock { $0[kind]?.takeHeldCount() ?? 0 }
    guard count > 0 else { return }
    switch kind {
    case .refused(let reason):
      logger.notice("refused callbacks not logged", metadata: ["reason": "\(reason.rawValue)", "count": "\(count)"])
    case .reportedAddress:
      logger.notice("callbacks from addresses that are not allowed not logged", metadata: ["count": "\(count)"])
    case .connection: logger.notice("refused connections not logged", metadata: ["count": "\(count)"])
    case .unjournaled: logger.notice("decisions not on disk not logged", metadata: ["count": "\(count)"])
    }
  }
}
