import GatewayCore

extension WebhookSecret {
  /// - Throws: `SecretError` for a public key, which cannot sign.
  func signingKey() throws(SecretError) -> any WebhookSigningKey {
    switch self {
    case .symmetric(let bytes): SymmetricKey(bytes)
    case .asymmetric(let seed): PrivateKey(seed: seed)
    case .publicKey:
      throw SecretError("a whpk_ key only verifies and cannot sign; give the whsk_ secret that it belongs to")
    }
  }

  func verifyingKey() -> any WebhookVerifyingKey {
    switch self {
    case .symmetric(let bytes): SymmetricKey(bytes)
    case .asymmetric(let seed): PublicKey(PrivateKey(seed: seed).publicBytes)
    case .publicKey(let bytes): PublicKey(bytes)
    }
  }
}
