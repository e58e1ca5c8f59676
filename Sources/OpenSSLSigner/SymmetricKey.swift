import Synchronization

/// The key in one `whsec_…` secret, which both signs and verifies.
///
/// Threads that sign with the same key wait for each other, less than a microsecond per KiB signed.
final class SymmetricKey: WebhookSigningKey, WebhookVerifyingKey {
  private let context: Mutex<HMACContext>

  init(_ bytes: [UInt8]) {
    context = Mutex(HMACContext(key: bytes))
  }

  func signature(prefix: [UInt8], body: [UInt8]) -> String {
    SignatureScheme.symmetric.text(context.withLock { $0.authenticate(prefix: prefix, body: body) })
  }

  /// All are always compared.
  func verifies(anyOf signatures: [Substring], prefix: [UInt8], body: [UInt8]) -> Bool {
    let expected = Array(signature(prefix: prefix, body: body).utf8)
    let digest = OpenSSLDigest()
    var verified = false
    for signature in signatures where digest.constantTimeEqual(Array(signature.utf8), expected) { verified = true }
    return verified
  }
}
