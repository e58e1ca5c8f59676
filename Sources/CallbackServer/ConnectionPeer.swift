package import GatewayCore
import NIOCore

/// The other end of a connection, read once when it opens.
package struct ConnectionPeer: Sendable {
  /// What stands for an address that nobody can tell.
  package static let unknownText = "unknown"

  /// Nil when the connection was gone before it could be asked.
  package let address: IPAddress?
  package let text: String

  package init(address: IPAddress?) {
    self.address = address
    text = address?.description ?? Self.unknownText
  }

  init(_ socketAddress: SocketAddress?) {
    self.init(address: socketAddress?.ipAddress.flatMap { IPAddress($0) })
  }
}
