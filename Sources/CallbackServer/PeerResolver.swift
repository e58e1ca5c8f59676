package import GatewayCore

/// Tells the address a request really comes from: the TCP peer, or what trusted proxies say in `X-Forwarded-For`.
///
/// Proxies append, so the list is walked from its right end and only as far as it is trusted: what stands left of the
/// first stranger may be anybody's invention.
package struct PeerResolver: Sendable {
  private let trustedProxies: [AddressRange]

  package init(trustedProxies: [AddressRange]) { self.trustedProxies = trustedProxies }

  /// - Parameter forwardedFor: The values of all `X-Forwarded-For` fields in their order.
  /// - Returns: Nil when the hop that counts is not an address: nobody knows who that is.
  package func peer(connectedFrom peer: IPAddress, forwardedFor: [String]) -> IPAddress? {
    guard !forwardedFor.isEmpty, isTrusted(peer) else { return peer }
    var candidate = peer
    for hop in forwardedFor.joined(separator: ",").split(separator: ",").reversed() {
      let text = Self.trimmed(hop)
      if text.isEmpty { continue }
      guard let address = Self.address(ofHop: text) else { return nil }
      candidate = address
      if !isTrusted(address) { break }
    }
    return candidate
  }

  private func isTrusted(_ address: IPAddress) -> Bool { trustedProxies.contains { $0.contains(address) } }

  /// Proxies write addresses bare, in brackets, and with or without a port.
  private static func address(ofHop text: Substring) -> IPAddress? {
    if text.first == "[" {
      guard let bracket = text.firstIndex(of: "]") else { return nil }
      let rest = text[text.index(after: bracket)...]
      return rest.isEmpty || isPort(rest) ? IPAddress(text[text.index(after: text.startIndex)..<bracket]) : nil
    }
    if let colon = text.firstIndex(of: ":"), colon == text.lastIndex(of: ":") {
      return isPort(text[colon...]) ? IPAddress(text[..<colon]) : nil
    }
    return IPAddress(text)
  }

  private static func isPort(_ text: Substring) -> Bool {
    text.first == ":" && UInt16(text.dropFirst()) != nil
  }

  private static func trimmed(_ text: Substring) -> Substring {
    let isBlank: (Character) -> Bool = { $0 == " " || $0 == "\t" }
    let start = text.drop(while: isBlank)
    return start[..<(start.lastIndex { !isBlank($0) }.map(start.index(after:)) ?? start.startIndex)]
  }
}
