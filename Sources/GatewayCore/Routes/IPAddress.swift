import Foundation

/// An IPv4 or IPv6 address. An IPv4 address mapped into IPv6 (`::ffff:192.0.2.1`) is taken as the IPv4 address it is.
package struct IPAddress: Hashable, Sendable, CustomStringConvertible {
  /// Four or sixteen bytes in network order.
  package let bytes: [UInt8]

  /// Four or sixteen bytes in network order; nil for any other number.
  package init?(bytes: [UInt8]) {
    switch bytes.count {
    case 4: self.bytes = bytes
    case 16: self.bytes = bytes[..<12] == [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF] ? Array(bytes[12...]) : bytes
    default: return nil
    }
  }

  /// Reads dotted decimal or RFC 4291 text; no zone, no brackets, no port.
  package init?(_ text: some StringProtocol) {
    let text = String(text)
    // To C a text ends there, whatever stands behind it.
    guard !text.utf8.contains(0) else { return nil }
    var four = in_addr()
    var six = in6_addr()
    if inet_pton(AF_INET, text, &four) == 1 {
      self.init(bytes: withUnsafeBytes(of: &four) { Array($0) })
    } else if inet_pton(AF_INET6, text, &six) == 1 {
      self.init(bytes: withUnsafeBytes(of: &six) { Array($0) })
    } else {
      return nil
    }
  }

  package var isIPv4: Bool { bytes.count == 4 }

  package var description: String {
    var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
    _ = bytes.withUnsafeBytes {
      inet_ntop(isIPv4 ? AF_INET : AF_INET6, $0.baseAddress, &text, socklen_t(text.count))
    }
    return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}

/// A range of addresses: `203.0.113.0/24`, `2001:db8::/32`, or one address.
package struct AddressRange: Hashable, Sendable, CustomStringConvertible {
  package let network: IPAddress
  package let prefixLength: Int

  /// Bits of the address beyond the prefix are ignored. Nil if the text is neither an address nor a CIDR.
  package init?(_ text: some StringProtocol) {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    guard let first = parts.first, let address = IPAddress(first) else { return nil }
    let bits = address.bytes.count * 8
    if parts.count == 1 {
      self.init(network: address, prefixLength: bits)
      return
    }
    guard parts.count == 2, !parts[1].isEmpty, parts[1].allSatisfy({ ("0"..."9").contains($0) }),
      var length = Int(parts[1])
    else { return nil }
    // A mapped IPv4 network counts its prefix from the start of the IPv6 address.
    if address.isIPv4, first.contains(":") { length -= 96 }
    guard (0...bits).contains(length) else { return nil }
    self.init(network: address, prefixLength: length)
  }

  package init(network: IPAddress, prefixLength: Int) {
    self.network = network
    self.prefixLength = prefixLength
  }

  package func contains(_ address: IPAddress) -> Bool {
    guard address.bytes.count == network.bytes.count else { return false }
    let whole = prefixLength / 8
    guard address.bytes[..<whole] == network.bytes[..<whole] else { return false }
    let rest = prefixLength % 8
    guard rest > 0 else { return true }
    let mask = UInt8(truncatingIfNeeded: 0xFF << (8 - rest))
    return address.bytes[whole] & mask == network.bytes[whole] & mask
  }

  package var description: String {
    prefixLength == network.bytes.count * 8 ? "\(network)" : "\(network)/\(prefixLength)"
  }
}
