/// One callback as it came and how it came, without its `Sign` and `RequestTime`: what a batch keeps as its payload.
///
/// The payload is three lines, the decision if there is one, and the body, the latter two untouched. The lines are: the
/// query string; the peer's address; the `traceparent` header, then behind a blank the marks of the gateways that have
/// sent it on, then behind another the length of the decision in bytes. What there was none of is empty, and blanks with
/// nothing behind them are left out. None of it can hold a line feed, because HTTP allows none there.
package struct CallbackRecord: Hashable, Sendable {
  /// The query string as it was sent, less the two credentials.
  package var query: String
  /// The address the callback came from, as text without a port.
  package var peer: String
  package var traceparent: String?
  package var via: Via
  /// What Tencent was answered, as JSON: of a callback that it waits for alone.
  package var decision: [UInt8]?
  package var body: [UInt8]

  package init(
    query: String, peer: String, traceparent: String?, via: Via = Via(), decision: [UInt8]? = nil, body: [UInt8]
  ) {
    self.query = query
    self.peer = peer
    self.traceparent = traceparent
    self.via = via
    self.decision = decision
    self.body = body
  }

  package func encoded() -> [UInt8] {
    let lines = [query, peer, origin]
    var bytes: [UInt8] = []
    bytes.reserveCapacity(lines.reduce(3) { $0 + $1.utf8.count } + (decision?.count ?? 0) + body.count)
    for line in lines {
      bytes.append(contentsOf: line.utf8)
      bytes.append(Self.lineFeed)
    }
    bytes.append(contentsOf: decision ?? [])
    bytes.append(contentsOf: body)
    return bytes
  }

  private var origin: String {
    var words = [traceparent ?? "", via.text]
    if let decision { words.append(String(decision.count)) }
    while words.count > 1, words.last == "" { words.removeLast() }
    return words.joined(separator: " ")
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
    let origin = lines[2].split(separator: " ", maxSplits: 2, omittingEmptySubsequences: false).map(String.init)
    var decision: [UInt8]?
    if origin.count == 3 {
      guard let length = Int(origin[2]), (0...(payload.count - start)).contains(length) else { return nil }
      decision = Array(payload[start..<(start + length)])
      start += length
    }
    self.init(
      query: lines[0], peer: lines[1], traceparent: origin[0].isEmpty ? nil : origin[0],
      via: Via(origin.count > 1 ? [origin[1]] : []), decision: decision, body: Array(payload[start...]))
  }

  private static let lineFeed = UInt8(ascii: "\n")
}
