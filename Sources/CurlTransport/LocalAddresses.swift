import Foundation
package import GatewayCore
import Synchronization

/// The addresses of this machine's own interfaces, read again every few seconds while somebody asks.
package final class LocalAddresses: Sendable {
  package static let shared = LocalAddresses(read: current)

  private static let lifetime = Duration.seconds(5)

  private let read: @Sendable () -> Set<IPAddress>
  private let known = Mutex<(addresses: Set<IPAddress>, until: ContinuousClock.Instant)>(([], .now))

  package init(read: @escaping @Sendable () -> Set<IPAddress>) { self.read = read }

  package func contains(_ address: IPAddress) -> Bool {
    known.withLock { known in
      if known.until <= .now { known = (read(), .now + Self.lifetime) }
      return known.addresses.contains(address)
    }
  }

  /// What the system says now; empty if it does not.
  private static func current() -> Set<IPAddress> {
    var list: UnsafeMutablePointer<ifaddrs>?
    guard getifaddrs(&list) == 0 else { return [] }
    defer { freeifaddrs(list) }
    var addresses: Set<IPAddress> = []
    var next = list
    while let entry = next {
      if let socketAddress = entry.pointee.ifa_addr, let address = IPAddress(socketAddress) {
        addresses.insert(address)
      }
      next = entry.pointee.ifa_next
    }
    return addresses
  }
}
