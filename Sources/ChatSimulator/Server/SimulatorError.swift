import Foundation
import NIOCore

/// The stand-in cannot listen, or cannot go on. The text is one sentence: what is wrong and what to do.
package struct SimulatorError: Error, Hashable, Sendable, CustomStringConvertible {
  package let description: String

  static let stoppedAccepting = SimulatorError(
    description: "the simulator stopped accepting connections; start it anew")

  static func cannotListen(host: String, port: Int, _ error: any Error) -> SimulatorError {
    let address = host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
    let reason = (error as? IOError).map { String(cString: strerror($0.errnoCode)) } ?? "\(error)"
    return SimulatorError(
      description: "cannot listen on \(address): \(reason); choose another address with --listen")
  }
}
