import GatewayCore
import NIOCore
import NIOHTTP1

/// Gathers one request at a time, and answers it after the receiver's delay.
final class ReceiveHandler: ChannelInboundHandler {
  typealias InboundIn = HTTPServerRequestPart
  typealias OutboundOut = HTTPServerResponsePart

  /// Twice the largest callback, which an event or a callback passed on whole stays below. A batch of large events may
  /// not: it is answered 413, whereupon the gateway halves it.
  static let maxBodyBytes = 8 << 20

  private enum State {
    case idle
    case reading(HTTPRequestHead)
    /// The request has been answered before its end; the connection is about to close.
    case refused
  }

  private let receiver: Receiver
  private var state = State.idle
  private var body: [UInt8] = []

  init(receiver: Receiver) { self.receiver = receiver }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    switch (unwrapInboundIn(data), state) {
    case (.head(let head), _): begin(head, context: context)
    case (.body(let part), .reading):
      guard body.count + part.readableBytes <= Self.maxBodyBytes else {
        return refuse(.payloadTooLarge, context: context)
      }
      body.append(contentsOf: part.readableBytesView)
    case (.end, .reading(let head)):
      state = .idle
      answer(head, context: context)
    case (.body, _), (.end, _): break
    }
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    context.close(promise: nil)
  }

  private func begin(_ head: HTTPRequestHead, context: ChannelHandlerContext) {
    guard head.method == .POST else { return refuse(.methodNotAllowed, context: context) }
    state = .reading(head)
    body = []
    if head.headers[canonicalForm: "expect"].contains("100-continue") {
      let go = HTTPResponseHead(version: head.version, status: .continue)
      context.writeAndFlush(wrapOutboundOut(.head(go)), promise: nil)
    }
  }

  private func answer(_ head: HTTPRequestHead, context: ChannelHandlerContext) {
    let query = head.uri.firstIndex(of: "?").map { String(head.uri[head.uri.index(after: $0)...]) } ?? ""
    let status = receiver.receive(DeliveryHeaders(head.headers), query: query, body: body)
    let answer = HTTPResponseStatus(statusCode: status)
    guard receiver.delay > .zero else {
      return write(answer, keepAlive: head.isKeepAlive, context: context)
    }
    context.eventLoop.assumeIsolated().scheduleTask(in: .milliseconds(receiver.delay.milliseconds)) {
      self.write(answer, keepAlive: head.isKeepAlive, context: context)
    }
  }

  private func refuse(_ status: HTTPResponseStatus, context: ChannelHandlerContext) {
    state = .refused
    body = []
    write(status, keepAlive: false, context: context)
  }

  private func write(_ status: HTTPResponseStatus, keepAlive: Bool, context: ChannelHandlerContext) {
    // A JSON body, as a subscriber that takes callbacks whole has to give.
    let body = ByteBuffer(string: "{\"status\":\(status.code)}")
    var headers = HTTPHeaders([("Content-Type", "application/json"), ("Content-Length", "\(body.readableBytes)")])
    if status == .methodNotAllowed { headers.add(name: "Allow", value: "POST") }
    if !keepAlive { headers.add(name: "Connection", value: "close") }
    let head = HTTPResponseHead(version: .http1_1, status: status, headers: headers)
    context.write(wrapOutboundOut(.head(head)), promise: nil)
    context.write(wrapOutboundOut(.body(.byteBuffer(body))), promise: nil)
    let written = context.writeAndFlush(wrapOutboundOut(.end(nil)))
    if !keepAlive {
      written.assumeIsolated().whenComplete { _ in context.close(promise: nil) }
    }
  }
}
