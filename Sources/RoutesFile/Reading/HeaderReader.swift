import GatewayCore

/// Reads a subscriber's `headers`.
struct HeaderReader {
  let session: LoadSession

  func read(_ value: ValueReader) -> [WebhookRequest.Header] {
    switch value.node.content {
    case .null: return []
    case .mapping(let entries): return headers(entries, value)
    case .scalar(_), .sequence(_):
      value.fail("\"headers\" must be a mapping of names to values, not \(value.node.kind)")
      return []
    }
  }

  private func headers(_ entries: [SourceEntry], _ value: ValueReader) -> [WebhookRequest.Header] {
    guard entries.count <= RoutesLimits.headers else {
      value.fail("\"headers\" must hold at most \(RoutesLimits.headers) headers")
      return []
    }
    var seen: Set<String> = []
    return entries.compactMap { entry in
      checkName(entry, seen: &seen)
      return self.value(of: entry).map { WebhookRequest.Header(name: entry.key, value: $0) }
    }
  }

  private func checkName(_ entry: SourceEntry, seen: inout Set<String>) {
    let name = entry.key.lowercased()
    if name.isEmpty || !name.utf8.allSatisfy(Self.isTokenByte) {
      session.error("\"\(entry.key)\" is not the name of a header; use letters, digits and \"-\"", at: entry.location)
    } else if Self.isOwn(name) {
      session.error("the header \"\(entry.key)\" is the gateway's own; remove it", at: entry.location)
    } else if !seen.insert(name).inserted {
      session.error("the header \"\(entry.key)\" stands here twice; keep one", at: entry.location)
    }
  }

  /// Many a service reads headers as CGI names them, where `webhook_id` and `webhook-id` are one.
  private static func isOwn(_ name: String) -> Bool {
    let dashed = name.replacing("_", with: "-")
    return ownNames.contains(dashed) || ownPrefixes.contains { dashed.hasPrefix($0) }
  }

  private func value(of entry: SourceEntry) -> Secret? {
    let reader = ValueReader(node: entry.value, key: entry.key, session: session)
    guard let text = reader.text() else { return nil }
    guard text.utf8.count <= RoutesLimits.headerValueBytes else {
      reader.fail("the value of \"\(entry.key)\" is longer than \(RoutesLimits.headerValueBytes) bytes")
      return nil
    }
    guard text.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F || $0 == UInt8(ascii: "\t") }) else {
      reader.fail("the value of \"\(entry.key)\" holds a line break or another control character; remove it")
      return nil
    }
    guard text.contains(where: { !$0.isWhitespace }) else {
      reader.fail("the value of \"\(entry.key)\" is blank; give it a value, or remove it")
      return nil
    }
    return Secret(text)
  }

  /// What the gateway sets itself, or what belongs to the connection.
  private static let ownNames: Set<String> = [
    "content-type", "content-length", "content-encoding", "host", "transfer-encoding", "connection", "expect",
    "user-agent", "traceparent", "x-switchyard-admin", "keep-alive", "proxy-connection", "te", "trailer", "upgrade",
  ]
  private static let ownPrefixes = ["webhook-", "switchyard-"]

  /// RFC 9110, section 5.6.2.
  private static func isTokenByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
    default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
    }
  }
}
