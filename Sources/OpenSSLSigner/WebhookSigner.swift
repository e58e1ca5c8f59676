import GatewayCore

/// Signs by Standard Webhooks 1.0.0 with every secret of a subscriber: `v1` (HMAC-SHA256) by each `whsec_`, `v1a`
/// (Ed25519) by each `whsk_`.
struct WebhookSigner: Signer {
  private let keys: [any WebhookSigningKey]

  init(secrets: [Secret]) throws(SecretError) {
    var keys: [any WebhookSigningKey] = []
    for secret in secrets { keys.append(try WebhookSecret(secret).signingKey()) }
    self.keys = keys
  }

  func signature(id: String, timestamp: Int64, body: [UInt8]) -> String {
    let prefix = SignedContent.prefix(id: id, timestamp: String(timestamp))
    guard keys.count > 1 else { return keys.first?.signature(prefix: prefix, body: body) ?? "" }
    return keys.map { $0.signature(prefix: prefix, body: body) }.joined(separator: " ")
  }
}
