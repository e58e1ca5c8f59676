import GatewayCore

/// The host and port that a `Host` or `Origin` header names.
struct Authority: Hashable {
  /// Without the brackets of an IPv6 literal, in lower case.
  let host: String
  private let isBracketed: Bool

  /// Reads `host`, `host:port`, `[address]` or `[address]:port`.
  init?(_ text: some StringProtocol) {
    let rest: Substring
    let text = text.lowercased()
    if text.hasPrefix("[") {
      guard let end = text.firstIndex(of: "]") else { return nil }
      host = String(text[text.index(after: text.startIndex)..<end])
      rest = text[text.index(after: end)...]
      isBracketed = true
    } else {
      let end = text.firstIndex(of: ":") ?? text.endIndex
      host = String(text[..<end])
      rest = text[end...]
      isBracketed = false
    }
    guard !host.isEmpty, rest.isEmpty || rest.first == ":" else { return nil }
    guard rest.dropFirst().utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) else { return nil }
  }

  /// Reads an `Origin` header; nil also for `null` and for schemes other than http and https.
  init?(origin: String) {
    guard let scheme = ["http://", "https://"].first(where: { origin.lowercased().hasPrefix($0) }) else { return nil }
    self.init(origin.dropFirst(scheme.count))
  }

  /// Whether only this machine can be meant: `localhost`, 127.0.0.0/8 or `[::1]`.
  var isLoopback: Bool {
    if host == "localhost" { return !isBracketed }
    guard let address = IPAddress(host) else { return false }
    return address.isLoopback
  }
}

extension IPAddress {
  var isLoopback: Bool {
    isIPv4 ? bytes.first == 127 : bytes.dropLast().allSatisfy { $0 == 0 } && bytes.last == 1
  }
}
