/// One callback as it came and how it came, without its `Sign` and `RequestTime`: what a batch keeps as its payload.
///
/// The payload is three lines and then the body, untouched: the query string; the peer's address; the `traceparent`
/// header and, behind a blank, the marks of the gateways that have sent it on. What there was none of is empty, and
/// without marks there is no blank. None of it can hold a line feed, because HTTP allows none there.
package struct CallbackRecord: Hashable, Sendable {
  /// The query string as it was sent, less the two credentials.
  package var query: String
  /// The address the callback came from, as text without a port.
  package var peer: String
  package var traceparent: String?
  package var via: Via
  package var body: [UInt8]

  package init(query: String, peer: String, traceparent: String?, via: Via = Via(), body: [UInt8]) {
    self.query = query
    self.peer = peer
    self.traceparent = traceparent
    self.via = via
    self.body = body
  }

  package func encoded() -> [UInt8] {
    let origin = (traceparent ?? "") + (via.isEmpty ? "" : " " + via.text)
    var bytes: [UInt8] = []
    bytes.reserveCapacity(query.utf8.count + peer.utf8.count + origin.utf8.count + 3 + body.count)
    for line in [query, peer, origin] {
      bytes.append(contentsOf: line.utf8)
      bytes.append(Self.lineFeed)
    }
    bytes.append(contentsOf: body)
    return bytes
  }

  /// Reads a payload back; nil if it does not have the three lines.
  package init?(decoding payload: [UInt8]) {
    var lines: [String] = []
    var start = 0
    while lines.count < 3 {
      guard let end = payload[start...].firstIndex(of: Self.lineFeed) else { return nil }
      lines.append(String(decoding: payload[start..<end], as: UTF8.self))
      start = end + 1
    }
    let origin = lines[2].split(separator: " ", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
    self.init(
      query: lines[0], peer: lines[1], traceparent: origin[0].isEmpty ? nil : origin[0],
      via: Via(Array(origin.dropFirst())), body: Array(payload[start...]))
  }

  private static let lineFeed = UInt8(ascii: "\n")
}
