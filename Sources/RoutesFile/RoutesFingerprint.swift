import GatewayCore
import OrderedCollections

/// Tells one resolved routes file from another: comments and layout do not count, referenced values, the addresses
/// in listed files and the contents of TLS files do.
struct RoutesFingerprint {
  private var bytes: [UInt8] = []

  init(
    documents: RoutesDocuments, apps: OrderedDictionary<AppID, AppConfiguration>, endpoints: [Endpoint]
  ) {
    for document in [documents.main].compactMap({ $0 }) + documents.includes { append(document) }
    for app in apps.values {
      for range in app.allowedAddresses ?? [] { append("a", range.description) }
    }
    for endpoint in endpoints {
      guard let tls = endpoint.tls else { continue }
      append("i", tls.authorities ?? [])
      append("j", tls.identity?.certificates ?? [])
      append("l", tls.identity?.key.exposed ?? [])
    }
  }

  /// Sixteen hex digits.
  func text(sha256: ([UInt8]) -> [UInt8]) -> String {
    sha256(bytes).prefix(8).map { byte in
      let digits = String(byte, radix: 16)
      return digits.count == 1 ? "0" + digits : digits
    }.joined()
  }

  private mutating func append(_ node: SourceNode) {
    switch node.content {
    case .null:
      append("n", "")
    case .scalar(let scalar):
      switch scalar.value {
      case .text(let text): append("t", text)
      case .missing: append("m", scalar.written)
      }
    case .sequence(let items):
      append("s", String(items.count))
      items.forEach { append($0) }
    case .mapping(let entries):
      append("o", String(entries.count))
      for entry in entries {
        append("k", entry.key)
        append(entry.value)
      }
    }
  }

  private mutating func append(_ kind: String, _ text: String) { append(kind, Array(text.utf8)) }

  /// With its length in front, so that no two trees give the same bytes.
  private mutating func append(_ kind: String, _ content: [UInt8]) {
    bytes += "\(kind)\(content.count):".utf8
    bytes += content
  }
}
