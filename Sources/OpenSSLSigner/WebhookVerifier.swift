package import GatewayCore

/// Checks deliveries as a subscriber does: by Standard Webhooks 1.0.0, schemes `v1` and `v1a`, with any of its keys,
/// which may be `whsec_` and `whsk_` secrets and `whpk_` public keys.
///
/// How old a timestamp may be is for the caller to judge.
package struct WebhookVerifier: Sendable {
  private let keys: [any WebhookVerifyingKey]

  package init(secrets: [Secret]) throws(SecretError) {
    var keys: [any WebhookVerifyingKey] = []
    for secret in secrets { keys.append(try WebhookSecret(secret).verifyingKey()) }
    self.keys = keys
  }

  /// Whether any of the signatures of a `webhook-signature` header is by any of the secrets.
  package func verifies(signatures: String, id: String, timestamp: String, body: [UInt8]) -> Bool {
    let prefix = SignedContent.prefix(id: id, timestamp: timestamp)
    let given = signatures.split(separator: " ")
    return keys.contains { $0.verifies(anyOf: given, prefix: prefix, body: body) }
  }
}
