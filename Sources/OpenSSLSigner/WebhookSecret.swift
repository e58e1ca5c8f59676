import COpenSSL
import Foundation
package import GatewayCore

/// The text form of Standard Webhooks' symmetric secrets: `whsec_` and the base64 of 24 to 64 random bytes.
package enum WebhookSecret {
  private static let symmetricPrefix = "whsec_"
  private static let asymmetricPrefix = "whsk_"
  private static let keyLengths = 24...64
  private static let randomKeyLength = 32

  /// A fresh secret of 32 bytes from OpenSSL's generator.
  package static func random() -> Secret {
    let key = [UInt8](unsafeUninitializedCapacity: randomKeyLength) { buffer, count in
      let filled = RAND_bytes(buffer.baseAddress, Int32(buffer.count))
      precondition(filled == 1, "OpenSSL has no randomness")
      count = randomKeyLength
    }
    return Secret(symmetricPrefix + Data(key).base64EncodedString())
  }

  /// The bytes that sign.
  static func keyBytes(of secret: Secret) throws(SecretError) -> [UInt8] {
    if secret.exposed.hasPrefix(asymmetricPrefix) {
      throw SecretError("Ed25519 secrets (whsk_) are not supported by this version")
    }
    guard secret.exposed.hasPrefix(symmetricPrefix) else {
      throw SecretError("a secret must start with whsec_")
    }
    guard let key = Data(base64Encoded: String(secret.exposed.dropFirst(symmetricPrefix.count))) else {
      throw SecretError("what follows whsec_ in a secret must be base64")
    }
    guard keyLengths.contains(key.count) else {
      throw SecretError(
        "a secret must hold \(keyLengths.lowerBound) to \(keyLengths.upperBound) bytes, not \(key.count)")
    }
    return Array(key)
  }
}
