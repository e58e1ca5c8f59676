import Foundation
import NIOCore
import NIOPosix
import NIOSSL
import Synchronization

/// A server on this machine that answers each request as a test says, also in ways no decent server would.
final class LoopbackServer: Sendable {
  struct Request: Sendable {
    let head: String
    let body: [UInt8]
    /// Which request of its connection, from 0.
    let index: Int
    /// The certificate that the client has shown on its connection.
    var client: NIOSSLCertificate?

    var path: String { head.split(separator: " ").dropFirst().first.map(String.init) ?? "" }

    func header(_ name: String) -> String? {
      head.split(separator: "\r\n").dropFirst()
        .first { $0.lowercased().hasPrefix(name.lowercased() + ":") }
        .map { $0.dropFirst(name.count + 1).trimmingPrefix(" ") }.map(String.init)
    }
  }

  /// After the last step the connection stays open for the next request.
  enum Step: Sendable {
    case write(String)
    case writeForEver(String)
    case close
    /// Closes so that the client is told of an error, not of an end.
    case reset
    /// Takes nothing more from the connection, which stays open.
    case stopReading

    static func answer(_ status: String, body: String = "", headers: String = "") -> Step {
      .write("HTTP/1.1 \(status)\r\n\(headers)Content-Length: \(body.utf8.count)\r\n\r\n\(body)")
    }
  }

  typealias Answer = @Sendable (Request) -> [Step]

  private struct Seen {
    var requests: [Request] = []
    var connections = 0
  }

  let port: Int
  private let channel: any Channel
  private let seen: SeenBox

  private final class SeenBox: Sendable {
    let state = Mutex(Seen())
  }

  /// - Parameters:
  ///   - takesBodies: Whether a request is answered when all of it is there, or at once when its head is.
  ///   - records: Whether `requests` keeps what came.
  ///   - opening: What is done at once on each connection, before anything is asked.
  init(
    host: String = "127.0.0.1", port: Int = 0, tls: NIOSSLContext? = nil, takesBodies: Bool = true,
    records: Bool = true, opening: [Step] = [], answer: @escaping Answer
  ) async throws {
    let seen = SeenBox()
    channel = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
      .serverChannelOption(.backlog, value: 1024)
      .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
      .childChannelInitializer { channel in
        seen.state.withLock { $0.connections += 1 }
        return channel.eventLoop.makeCompletedFuture {
          if let tls { try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: tls)) }
          try channel.pipeline.syncOperations.addHandler(
            Connection(takesBodies: takesBodies, opening: opening) { request in
              if records { seen.state.withLock { $0.requests.append(request) } }
              return answer(request)
            })
        }
      }
      .bind(host: host, port: port).get()
    self.port = channel.localAddress?.port ?? 0
    self.seen = seen
  }

  var requests: [Request] { seen.state.withLock { $0.requests } }
  var connections: Int { seen.state.withLock { $0.connections } }

  func url(_ path: String = "/", scheme: String = "http", host: String = "127.0.0.1") -> String {
    "\(scheme)://\(host):\(port)\(path)"
  }

  func stop() async { try? await channel.close() }
}

/// One connection: cuts what comes into requests by `Content-Length`, and takes the steps of each.
private final class Connection: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer

  private let takesBodies: Bool
  private let opening: [LoopbackServer.Step]
  private let answer: LoopbackServer.Answer
  private var received: [UInt8] = []
  private var count = 0

  init(takesBodies: Bool, opening: [LoopbackServer.Step], answer: @escaping LoopbackServer.Answer) {
    self.takesBodies = takesBodies
    self.opening = opening
    self.answer = answer
  }

  func channelActive(context: ChannelHandlerContext) {
    for step in opening { take(step, context) }
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    received += Array(buffer: unwrapInboundIn(data))
    while var request = nextRequest() {
      request.client = try? context.pipeline.syncOperations.nioSSL_peerCertificate()
      for step in answer(request) { take(step, context) }
    }
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

  private func nextRequest() -> LoopbackServer.Request? {
    guard let end = received.firstRange(of: Array("\r\n\r\n".utf8)) else { return nil }
    let head = String(decoding: received[..<end.lowerBound], as: UTF8.self)
    let unread = LoopbackServer.Request(head: head, body: [], index: count)
    let length = takesBodies ? unread.header("Content-Length").flatMap { Int($0) } ?? 0 : 0
    guard received.count >= end.upperBound + length else { return nil }
    let body = Array(received[end.upperBound..<end.upperBound + length])
    received.removeFirst(end.upperBound + length)
    defer { count += 1 }
    return LoopbackServer.Request(head: head, body: body, index: count)
  }

  private func take(_ step: LoopbackServer.Step, _ context: ChannelHandlerContext) {
    switch step {
    case .write(let text): context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: text)), promise: nil)
    case .writeForEver(let text): Self.writeForEver(ByteBuffer(string: text), context.channel)
    case .close: context.close(promise: nil)
    case .reset:
      // Setting an option of an open socket of our own is done when the call returns.
      _ = (context.channel as? any SocketOptionProvider)?.setSoLinger(linger(l_onoff: 1, l_linger: 0))
      context.close(promise: nil)
    case .stopReading: _ = context.channel.setOption(.autoRead, value: false)
    }
  }

  private static func writeForEver(_ bytes: ByteBuffer, _ channel: any Channel) {
    // A write that is done at once calls back before it returns; from the loop the stack is the same each time.
    channel.writeAndFlush(bytes).whenSuccess { channel.eventLoop.execute { writeForEver(bytes, channel) } }
  }
}
