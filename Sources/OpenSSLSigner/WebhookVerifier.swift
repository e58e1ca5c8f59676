package import GatewayCore

/// Checks deliveries as a subscriber does: by Standard Webhooks 1.0.0, scheme `v1`, with any of its secrets.
///
/// How old a timestamp may be is for the caller to judge.
package struct WebhookVerifier: Sendable {
  private let keys: [WebhookKey]

  package init(secrets: [Secret]) throws(SecretError) {
    keys = try secrets.map(WebhookKey.init)
  }

  /// Whether any of the signatures of a `webhook-signature` header is by any of the secrets. All are always compared.
  package func verifies(signatures: String, id: String, timestamp: String, body: [UInt8]) -> Bool {
    let prefix = WebhookKey.prefix(id: id, timestamp: timestamp)
    let given = signatures.split(separator: " ").map { Array($0.utf8) }
    let digest = OpenSSLDigest()
    var verified = false
    for key in keys {
      let expected = Array(key.signature(prefix: prefix, body: body).utf8)
      for signature in given where digest.constantTimeEqual(signature, expected) { verified = true }
    }
    return verified
  }
}
