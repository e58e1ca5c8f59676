/// By what a gateway knows callbacks again that it has sent on itself: random, made with its journal and kept in it.
package struct GatewayMark: Hashable, Sendable, RawRepresentable {
  package let rawValue: String

  /// Nil unless it is 1 to 64 letters, digits, `-`, `.`, `_` and `~`: it can stand in a list in a header.
  package init?(rawValue: String) {
    guard (1...64).contains(rawValue.utf8.count), rawValue.utf8.allSatisfy(Self.isUnreserved) else { return nil }
    self.rawValue = rawValue
  }

  /// RFC 3986, section 2.3.
  private static func isUnreserved(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"):
      true
    default: "-._~".utf8.contains(byte)
    }
  }
}
