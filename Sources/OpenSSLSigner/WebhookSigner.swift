import GatewayCore

/// Signs by Standard Webhooks 1.0.0, scheme `v1` (HMAC-SHA256), with every secret of a subscriber.
struct WebhookSigner: Signer {
  private let keys: [WebhookKey]

  init(secrets: [Secret]) throws(SecretError) {
    keys = try secrets.map(WebhookKey.init)
  }

  func signature(id: String, timestamp: Int64, body: [UInt8]) -> String {
    let prefix = WebhookKey.prefix(id: id, timestamp: String(timestamp))
    guard keys.count > 1 else { return keys.first?.signature(prefix: prefix, body: body) ?? "" }
    return keys.map { $0.signature(prefix: prefix, body: body) }.joined(separator: " ")
  }
}
