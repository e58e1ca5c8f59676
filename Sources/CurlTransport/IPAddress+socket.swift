import CCurl
import Foundation
import GatewayCore

extension IPAddress {
  /// Nil if it is of another family than IPv4 and IPv6.
  init?(_ address: UnsafePointer<sockaddr>) {
    self.init(
      bytes: [UInt8](unsafeUninitializedCapacity: 16) { buffer, count in
        count = switchyard_ip_address(address, buffer.baseAddress)
      })
  }

  /// Reads an address that may name an interface, as in `fe80::1%eth0`.
  init?(withoutZone text: String) {
    self.init(text.prefix { $0 != "%" })
  }
}
