import Foundation
import NIOCore

/// The admin door cannot be opened, or fell shut. The text is one sentence: what is wrong and what to do.
package struct AdminServerError: Error, Hashable, Sendable, CustomStringConvertible {
  package let description: String

  static let stoppedAccepting = AdminServerError(description: "The admin door stopped accepting connections.")

  /// Why a listening socket could not be had.
  static func cannotListen(host: String, port: Int, _ error: any Error) -> AdminServerError {
    let address = host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
    let sentence =
      switch error {
      case let error as IOError where error.errnoCode == EADDRINUSE:
        "Another process listens on \(address): stop it, or choose another address with --admin."
      case let error as IOError where error.errnoCode == EACCES:
        "This user may not listen on \(address): choose a port from 1024 up with --admin."
      case let error as IOError where error.errnoCode == EADDRNOTAVAIL:
        "\(host) is not an address of this machine: choose another with --admin."
      case is SocketAddressError, is SocketAddressError.UnknownHost:
        "\(host) cannot be resolved to an address: choose another with --admin."
      default: "The admin door cannot listen on \(address) (\(error)): choose another address with --admin."
      }
    return AdminServerError(description: sentence)
  }
}
