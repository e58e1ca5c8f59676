import Foundation
import NIOCore
import NIOPosix
import Synchronization
import Testing

/// One answer as it came.
struct TestResponse {
  var status: Int
  var headers: [String: String]
  var body: String
}

/// A TCP connection to a server under test that writes raw bytes and reads answers; one task reads at a time.
final class TestConnection: Sendable {
  struct Ended: Error {}

  private let channel: any Channel
  private let inbox: Inbox

  /// - Parameter readsNothing: What the server writes stays in the sockets' buffers.
  static func open(port: Int, readsNothing: Bool = false) async throws -> TestConnection {
    let inbox = Inbox()
    let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .channelOption(.allowRemoteHalfClosure, value: true)
      .channelOption(.autoRead, value: !readsNothing)
      .channelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.addHandler(Collector(inbox: inbox))
        }
      }
      .connect(host: "127.0.0.1", port: port).get()
    return TestConnection(channel: channel, inbox: inbox)
  }

  private init(channel: any Channel, inbox: Inbox) {
    self.channel = channel
    self.inbox = inbox
  }

  deinit { channel.close(promise: nil) }

  func send(_ text: String) async throws { try await channel.writeAndFlush(ByteBuffer(string: text)) }

  func send(_ bytes: [UInt8]) async throws { try await channel.writeAndFlush(ByteBuffer(bytes: bytes)) }

  /// Ends this side of the connection only.
  func finishSending() async throws { try await channel.close(mode: .output) }

  func close() async throws { try await channel.close() }

  /// Cuts the connection off without a proper end.
  func reset() async throws {
    let socket = try #require(channel as? any SocketOptionProvider)
    try await socket.setSoLinger(linger(l_onoff: 1, l_linger: 0)).get()
    try await channel.close()
  }

  /// The next answer; interim ones count.
  ///
  /// - Parameter hasBody: False for the answer to `HEAD` and for interim ones.
  func response(hasBody: Bool = true) async throws -> TestResponse {
    let head = try await inbox.take { $0.bytes.firstRange(of: Array("\r\n\r\n".utf8))?.upperBound }
    let lines = head.components(separatedBy: "\r\n").dropLast(2)
    let status = try #require(Int(lines[0].split(separator: " ")[1]))
    var headers: [String: String] = [:]
    for line in lines.dropFirst() {
      let halves = line.split(separator: ":", maxSplits: 1)
      headers[halves[0].lowercased()] = halves[1].trimmingCharacters(in: .whitespaces)
    }
    guard hasBody else { return TestResponse(status: status, headers: headers, body: "") }
    let length = try #require(headers["content-length"].flatMap { Int($0) })
    let body = try await inbox.take { $0.bytes.count >= length ? length : nil }
    return TestResponse(status: status, headers: headers, body: body)
  }

  /// Everything up to the end of the stream.
  func rest() async throws -> String { try await inbox.take { $0.hasEnded ? $0.bytes.count : nil } }

  private final class Collector: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    private let inbox: Inbox

    init(inbox: Inbox) { self.inbox = inbox }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
      inbox.change { $0.bytes += unwrapInboundIn(data).readableBytesView }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
      if case .inputClosed? = event as? ChannelEvent { inbox.change { $0.hasEnded = true } }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { inbox.change { $0.failure = error } }

    func channelInactive(context: ChannelHandlerContext) { inbox.change { $0.hasEnded = true } }
  }

  private final class Inbox: Sendable {
    struct State {
      var bytes: [UInt8] = []
      var hasEnded = false
      var failure: (any Error)?
      var reader: CheckedContinuation<Void, Never>?
    }

    private let state = Mutex(State())

    func change(_ body: (inout State) -> Void) {
      let reader = state.withLock { state in
        body(&state)
        return state.reader.take()
      }
      reader?.resume()
    }

    /// Waits until `length` tells how many bytes are wanted, and takes those.
    func take(_ length: (State) -> Int?) async throws -> String {
      while true {
        var outcome: Result<String, any Error>?
        await withCheckedContinuation { continuation in
          // Looked at and registered under one lock: what comes in between would wake nobody.
          outcome = state.withLock { state in
            let outcome = Self.taken(from: &state, length)
            if outcome == nil { state.reader = continuation }
            return outcome
          }
          if outcome != nil { continuation.resume() }
        }
        if let outcome { return try outcome.get() }
      }
    }

    private static func taken(from state: inout State, _ length: (State) -> Int?) -> Result<String, any Error>? {
      if let count = length(state) {
        defer { state.bytes.removeFirst(count) }
        return .success(String(decoding: state.bytes.prefix(count), as: UTF8.self))
      }
      if let failure = state.failure { return .failure(failure) }
      return state.hasEnded ? .failure(Ended()) : nil
    }
  }
}
