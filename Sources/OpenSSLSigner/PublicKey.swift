import Foundation

/// The key in one `whpk_…`, which verifies what the `whsk_…` secret it belongs to has signed.
final class PublicKey: WebhookVerifyingKey {
  private let key: Ed25519Key

  init(_ bytes: [UInt8]) {
    key = Ed25519Key(publicBytes: bytes)
  }

  func verifies(anyOf signatures: [Substring], prefix: [UInt8], body: [UInt8]) -> Bool {
    let label = "\(SignatureScheme.asymmetric.rawValue),"
    return signatures.contains { signature in
      guard signature.hasPrefix(label),
        let bytes = Data(base64Encoded: String(signature.dropFirst(label.count))),
        bytes.count == Ed25519Key.signatureLength
      else { return false }
      return key.verifies(Array(bytes), of: prefix + body)
    }
  }
}
