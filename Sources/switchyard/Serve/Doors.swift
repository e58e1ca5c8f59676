import CurlTransport
import Logging
import Synchronization

/// The gateway's own doors: told in the log when they open, and never delivered to.
final class Doors: Sendable {
  private let transport: CurlTransport
  private let logger: Logger
  private let open: Mutex<[String: ListenAddress]>

  /// - Parameter expected: Where they will listen, as far as that is known: a port of 0 is not.
  init(expected: [String: ListenAddress], transport: CurlTransport, logger: Logger) {
    self.transport = transport
    self.logger = logger
    open = Mutex(expected.filter { $0.value.port != 0 })
    refuse()
  }

  func opened(_ door: String, at address: ListenAddress) {
    open.withLock { $0[door] = address }
    refuse()
    logger.info("listening", metadata: ["door": "\(door)", "address": "\(address)"])
  }

  private func refuse() {
    transport.refuse(doors: open.withLock { $0.values.map { ($0.host, $0.port) } })
  }
}
