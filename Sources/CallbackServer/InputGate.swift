import NIOCore

/// Stands before the HTTP parser and lets bytes through only while the connection takes them.
///
/// So pipelined requests wait as bytes, of which there is a bound, and what a refused client goes on sending never
/// reaches the parser at all.
final class InputGate: ChannelDuplexHandler {
  typealias InboundIn = ByteBuffer
  typealias InboundOut = ByteBuffer
  typealias OutboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer

  /// The end of the input waits its turn behind what is held.
  private enum End { case notSeen, held, passedOn }

  private let connection: CallbackConnectionHandler
  private let limits: CallbackServerLimits
  /// What has come and is not yet let through.
  private var held: ByteBuffer?
  private var end = End.notSeen
  private var readIsWanted = false
  private var isForwarding = false
  private var context: ChannelHandlerContext?

  init(connection: CallbackConnectionHandler, limits: CallbackServerLimits) {
    self.connection = connection
    self.limits = limits
  }

  var holdsBytes: Bool { held != nil }

  /// The piece that the parser works on, if a request starts with it.
  private(set) var startOfRequest: ByteBuffer?

  func handlerAdded(context: ChannelHandlerContext) { self.context = context }

  func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    guard end == .notSeen else { return }
    var bytes = unwrapInboundIn(data)
    if held == nil {
      held = bytes
    } else if held?.writeBuffer(&bytes) ?? 0 > 0, connection.input == .held, held?.readableBytes ?? 0 > bound {
      // Only a client that has closed its side gets here: its socket is read out whether anybody wants it or not.
      end = .held
    }
    forward()
  }

  func read(context: ChannelHandlerContext) {
    // A client that does not pipeline never has anything held, so its socket stays armed from request to request.
    if held == nil { context.read() } else { readIsWanted = true }
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    guard case .inputClosed? = event as? ChannelEvent else {
      context.fireUserInboundEventTriggered(event)
      return
    }
    if end == .notSeen { end = .held }
    forward()
  }

  /// Lets through what the connection takes now, in pieces, so that it can stop after any of them.
  func forward() {
    guard let context, !isForwarding else { return }
    isForwarding = true
    while let piece = nextPiece() {
      // Empty lines before a request are none of it (RFC 9112, section 2.2), and must not start its clock.
      startOfRequest = connection.isBetweenRequests && !piece.readableBytesView.allSatisfy(Self.endsLine) ? piece : nil
      if startOfRequest != nil { connection.requestBegins() }
      context.fireChannelRead(wrapInboundOut(piece))
      connection.didParse(piece.readableBytes)
    }
    startOfRequest = nil
    isForwarding = false
    discardUnwanted()
    guard held == nil else { return }
    if end == .held {
      end = .passedOn
      connection.inputEnded()
    }
    if readIsWanted {
      readIsWanted = false
      context.read()
    }
  }

  private static func endsLine(_ byte: UInt8) -> Bool { byte == UInt8(ascii: "\r") || byte == UInt8(ascii: "\n") }

  private var bound: Int { limits.heldInputSize + limits.parserPieceSize }

  private func nextPiece() -> ByteBuffer? {
    guard connection.input == .taken else { return nil }
    let length = min(limits.parserPieceSize, heldCount)
    let piece = held?.readSlice(length: length)
    if heldCount == 0 { held = nil }
    return piece
  }

  private var heldCount: Int { held?.readableBytes ?? 0 }

  private func discardUnwanted() {
    guard connection.input == .discarded, held != nil else { return }
    let count = heldCount
    held = nil
    connection.discarded(count)
  }
}
