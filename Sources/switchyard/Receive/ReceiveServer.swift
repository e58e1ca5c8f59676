import Foundation
import NIOCore
import NIOHTTP1
import NIOPosix

/// The HTTP server of `receive`: takes POSTs on any path and answers what its receiver says.
final class ReceiveServer: Sendable {
  /// The address it really listens on.
  let address: ListenAddress

  /// One thread keeps the lines in the order in which the deliveries came. It lives as long as the process, which so
  /// can end also while that thread waits for a reader of its lines.
  private static let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)

  private let listener: any Channel

  private init(address: ListenAddress, listener: any Channel) {
    self.address = address
    self.listener = listener
  }

  /// - Throws: `CommandFailure` when it cannot listen there.
  static func start(on address: ListenAddress, receiver: Receiver) async throws -> ReceiveServer {
    let bootstrap = ServerBootstrap(group: group)
      .serverChannelOption(.backlog, value: 256)
      .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.configureHTTPServerPipeline()
          try channel.pipeline.syncOperations.addHandler(ReceiveHandler(receiver: receiver))
        }
      }
    do {
      let listener = try await bootstrap.bind(host: address.host, port: address.port).get()
      let bound = ListenAddress(host: address.host, port: listener.localAddress?.port ?? address.port)
      return ReceiveServer(address: bound, listener: listener)
    } catch {
      throw CommandFailure("cannot listen on \(address): \(reason(error)); choose another address with --listen")
    }
  }

  /// Takes no more connections; those that are open go with the process.
  func stop() { listener.close(promise: nil) }

  private static func reason(_ error: any Error) -> String {
    (error as? IOError).map { String(cString: strerror($0.errnoCode)) } ?? "\(error)"
  }
}
