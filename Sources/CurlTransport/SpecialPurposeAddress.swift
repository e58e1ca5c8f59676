package import GatewayCore

/// The addresses that are not for hosts of the public internet, by IANA's registries of special-purpose IPv4 and IPv6
/// addresses (RFC 6890 and its updates), with multicast and what IPv6 has retired.
package struct SpecialPurposeAddress: Sendable {
  /// What a range is for, as in "is a … address".
  package enum Purpose: String, Sendable {
    case amtRelay = "AMT relay"
    case as112 = "AS112 service"
    case benchmarking
    case broadcast
    case compatible = "IPv4-compatible"
    case discard = "discard-only"
    case documentation
    case dummy
    case linkLocal = "link-local"
    case localTranslation = "local translation"
    case loopback
    case multicast
    case `private`
    case protocolAssignment = "protocol assignment"
    case reserved
    case segmentRouting = "segment routing"
    case shared
    case siteLocal = "site-local"
    case sixToFour = "6to4"
    case uniqueLocal = "unique local"
    case unspecified
  }

  package let range: AddressRange
  package let purpose: Purpose

  /// Never a subscriber's, whatever the routes file says.
  package var isAlwaysRefused: Bool {
    switch purpose {
    case .broadcast, .linkLocal, .multicast, .unspecified: true
    default: false
    }
  }

  /// The special purpose of an address, if it has one.
  package static func of(_ address: IPAddress) -> SpecialPurposeAddress? {
    (address.isIPv4 ? version4 : version6).first { $0.range.contains(address) }
  }

  /// The IPv4 address that a translator or tunnel would take an IPv6 address to, if it is of a kind that has one.
  package static func embedded(in address: IPAddress) -> IPAddress? {
    let bytes = address.bytes
    // `::` and `::1` are no IPv4 addresses.
    let isCompatible = compatible.contains(address) && bytes[12..<15].contains { $0 != 0 }
    if isCompatible || translated.contains(address) { return IPAddress(bytes: Array(bytes[12...])) }
    if sixToFour.contains(address) { return IPAddress(bytes: Array(bytes[2..<6])) }
    return nil
  }

  private init(_ range: String, _ purpose: Purpose) {
    self.range = Self.range(range)
    self.purpose = purpose
  }

  private static func range(_ text: String) -> AddressRange {
    guard let range = AddressRange(text) else { preconditionFailure("\(text) is not a range of addresses") }
    return range
  }

  private static let translated = range("64:ff9b::/96")
  private static let compatible = range("::/96")
  private static let sixToFour = range("2002::/16")
}

extension SpecialPurposeAddress {
  private static let version4 = [
    SpecialPurposeAddress("0.0.0.0/8", .unspecified),
    SpecialPurposeAddress("10.0.0.0/8", .private),
    SpecialPurposeAddress("100.64.0.0/10", .shared),
    SpecialPurposeAddress("127.0.0.0/8", .loopback),
    SpecialPurposeAddress("169.254.0.0/16", .linkLocal),
    SpecialPurposeAddress("172.16.0.0/12", .private),
    SpecialPurposeAddress("192.0.0.0/24", .protocolAssignment),
    SpecialPurposeAddress("192.0.2.0/24", .documentation),
    SpecialPurposeAddress("192.31.196.0/24", .as112),
    SpecialPurposeAddress("192.52.193.0/24", .amtRelay),
    SpecialPurposeAddress("192.88.99.0/24", .sixToFour),
    SpecialPurposeAddress("192.168.0.0/16", .private),
    SpecialPurposeAddress("192.175.48.0/24", .as112),
    SpecialPurposeAddress("198.18.0.0/15", .benchmarking),
    SpecialPurposeAddress("198.51.100.0/24", .documentation),
    SpecialPurposeAddress("203.0.113.0/24", .documentation),
    SpecialPurposeAddress("224.0.0.0/4", .multicast),
    SpecialPurposeAddress("255.255.255.255/32", .broadcast),
    SpecialPurposeAddress("240.0.0.0/4", .reserved),
  ]

  // An address mapped from IPv4 (::ffff:0:0/96) never gets here: it is taken as the IPv4 address it is. A translated
  // one is judged by the IPv4 address in it alone, because its translator may be the way to the public internet.
  private static let version6 = [
    SpecialPurposeAddress("::/128", .unspecified),
    SpecialPurposeAddress("::1/128", .loopback),
    SpecialPurposeAddress("::/96", .compatible),
    SpecialPurposeAddress("64:ff9b:1::/48", .localTranslation),
    SpecialPurposeAddress("100::/64", .discard),
    SpecialPurposeAddress("100:0:0:1::/64", .dummy),
    SpecialPurposeAddress("2001::/23", .protocolAssignment),
    SpecialPurposeAddress("2001:db8::/32", .documentation),
    SpecialPurposeAddress("2002::/16", .sixToFour),
    SpecialPurposeAddress("2620:4f:8000::/48", .as112),
    SpecialPurposeAddress("3fff::/20", .documentation),
    SpecialPurposeAddress("5f00::/16", .segmentRouting),
    SpecialPurposeAddress("fc00::/7", .uniqueLocal),
    SpecialPurposeAddress("fe80::/10", .linkLocal),
    SpecialPurposeAddress("fec0::/10", .siteLocal),
    SpecialPurposeAddress("ff00::/8", .multicast),
  ]
}
