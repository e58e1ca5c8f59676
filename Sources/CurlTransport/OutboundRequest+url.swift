import GatewayCore

extension OutboundRequest {
  /// Where it goes: the endpoint's URL, with the request's own query behind it.
  ///
  /// The query is as somebody sent it, and libcurl takes no URL with a blank or a control character and cuts one off at a
  /// `#`: these alone are escaped.
  var url: String {
    guard let query, !query.isEmpty else { return endpoint.url }
    let separator = endpoint.url.contains("?") ? (endpoint.url.hasSuffix("?") ? "" : "&") : "?"
    guard query.utf8.contains(where: Self.mustBeEscaped) else { return endpoint.url + separator + query }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(query.utf8.count + 16)
    for byte in query.utf8 {
      guard Self.mustBeEscaped(byte) else {
        bytes.append(byte)
        continue
      }
      let digits = Array("0123456789ABCDEF".utf8)
      bytes += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 0xF)]]
    }
    return endpoint.url + separator + String(decoding: bytes, as: UTF8.self)
  }

  private static func mustBeEscaped(_ byte: UInt8) -> Bool {
    byte <= 0x20 || byte == 0x7F || byte == UInt8(ascii: "#")
  }
}
