import Foundation
import Logging
import NIOCore

/// Keeps a listening socket alive when a connection cannot be accepted for want of descriptors or memory.
///
/// Such an error would otherwise reach the server's loop and end it for good. It is logged, and nothing is accepted
/// for a while: the kernel would report the same connection again at once.
final class AcceptPauseHandler: ChannelDuplexHandler {
  typealias InboundIn = any Channel
  typealias InboundOut = any Channel
  typealias OutboundIn = Never
  typealias OutboundOut = Never

  /// The errors after which a listening socket stays open.
  private static let passingErrors: Set<CInt> = [ECONNABORTED, EMFILE, ENFILE, ENOBUFS, ENOMEM]

  private let pause: Duration
  private let logger: Logger
  private var resumption: Scheduled<Void>?
  private var readWaits = false

  init(pause: Duration, logger: Logger) {
    self.pause = pause
    self.logger = logger
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    guard let failure = error as? IOError, Self.passingErrors.contains(failure.errnoCode) else {
      context.fireErrorCaught(error)
      return
    }
    guard resumption == nil else { return }
    logger.warning("cannot accept at the admin door", metadata: ["error": "\(failure)"])
    resumption = context.eventLoop.assumeIsolated().scheduleTask(in: TimeAmount(pause)) {
      self.resumption = nil
      if self.readWaits {
        self.readWaits = false
        context.read()
      }
    }
  }

  func read(context: ChannelHandlerContext) {
    if resumption == nil {
      context.read()
    } else {
      readWaits = true
    }
  }

  func handlerRemoved(context: ChannelHandlerContext) { resumption?.cancel() }
}
