import Foundation
import NIOCore
import NIOEmbedded
import Testing

@testable import AdminServer

/// Errors are handed to the handler as NIO does: a process that really has no descriptor left can end in the C library's
/// stead, in libdispatch, which opens a file each second.
@Suite("Accepting at the admin door")
struct AcceptPauseTests {
  private static let pause: Duration = .seconds(1)

  /// Counts what reaches the socket.
  private final class Reads: ChannelOutboundHandler {
    typealias OutboundIn = Never
    private(set) var count = 0

    func read(context: ChannelHandlerContext) { count += 1 }
  }

  private final class Errors: ChannelInboundHandler {
    typealias InboundIn = any Channel
    private(set) var caught: [any Error] = []

    func errorCaught(context: ChannelHandlerContext, error: any Error) { caught.append(error) }
  }

  private let reads = Reads()
  private let errors = Errors()
  private let log = RecordedLog()
  private let channel = EmbeddedChannel()

  init() throws {
    let handler = AcceptPauseHandler(pause: Self.pause, logger: log.logger)
    try channel.pipeline.syncOperations.addHandlers([reads, handler, errors])
  }

  private func fail(_ error: CInt) {
    channel.pipeline.fireErrorCaught(IOError(errnoCode: error, reason: "accept"))
  }

  @Test("pauses when descriptors or memory are short, and goes on", arguments: [EMFILE, ENFILE, ENOBUFS, ENOMEM])
  func pausing(error: CInt) throws {
    channel.read()
    #expect(reads.count == 1)
    fail(error)
    fail(error)
    channel.read()
    channel.read()
    #expect(reads.count == 1)
    channel.embeddedEventLoop.advanceTime(by: .milliseconds(999))
    #expect(reads.count == 1)
    channel.embeddedEventLoop.advanceTime(by: .milliseconds(1))
    #expect(reads.count == 2)
    channel.read()
    #expect(reads.count == 3)
    #expect(errors.caught.isEmpty)
    #expect(log.lines.count == 1)
    #expect(log.lines.first?.hasPrefix("warning cannot accept at the admin door") == true)
  }

  @Test("asks for nothing by itself after a pause")
  func idle() throws {
    fail(EMFILE)
    channel.embeddedEventLoop.advanceTime(by: .seconds(2))
    #expect(reads.count == 0)
  }

  @Test("does not outlast what will not pass")
  func lasting() throws {
    fail(EBADF)
    #expect(errors.caught.count == 1)
    #expect(log.lines.isEmpty)
  }
}
