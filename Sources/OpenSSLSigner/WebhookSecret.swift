import COpenSSL
import Foundation
package import GatewayCore

/// The text forms of Standard Webhooks' keys: a word that says what it is, and base64.
///
/// - `whsec_`, 24 to 64 random bytes: the secret that both sides sign with (HMAC-SHA256).
/// - `whsk_`, an Ed25519 seed of 32 bytes, or the seed and its public key, 64 bytes: the gateway's secret.
/// - `whpk_`, an Ed25519 public key of 32 bytes: what a subscriber verifies a `whsk_` secret's signatures with.
package enum WebhookSecret: Sendable {
  case symmetric([UInt8])
  case asymmetric(seed: [UInt8])
  case publicKey([UInt8])

  private static let symmetricPrefix = "whsec_"
  private static let asymmetricPrefix = "whsk_"
  private static let publicPrefix = "whpk_"
  private static let symmetricLengths = 24...64
  private static let randomKeyLength = 32

  /// - Throws: `SecretError`, whose sentence never repeats the secret.
  init(_ secret: Secret) throws(SecretError) {
    let text = secret.exposed
    if text.hasPrefix(Self.symmetricPrefix) {
      self = .symmetric(try Self.symmetricKey(text))
    } else if text.hasPrefix(Self.asymmetricPrefix) {
      self = .asymmetric(seed: try Self.seed(text))
    } else if text.hasPrefix(Self.publicPrefix) {
      let bytes = try Self.bytes(text, after: Self.publicPrefix, of: "key")
      guard bytes.count == Ed25519Key.publicLength else {
        throw SecretError("a whpk_ key must hold \(Ed25519Key.publicLength) bytes, not \(bytes.count)")
      }
      self = .publicKey(bytes)
    } else {
      throw SecretError("a secret must start with whsec_ or whsk_")
    }
  }

  /// A fresh `whsec_` secret of 32 bytes from OpenSSL's generator.
  package static func random() -> Secret {
    Secret(symmetricPrefix + base64(randomBytes(randomKeyLength)))
  }

  /// A fresh `whsk_` secret from OpenSSL's generator, in the form of 64 bytes that every library takes, and the `whpk_`
  /// key that verifies what it signs.
  package static func randomPair() -> (secret: Secret, publicKey: String) {
    let seed = randomBytes(Ed25519Key.seedLength)
    let publicBytes = Ed25519Key(seed: seed).publicBytes
    return (Secret(asymmetricPrefix + base64(seed + publicBytes)), publicPrefix + base64(publicBytes))
  }

  private static func symmetricKey(_ text: String) throws(SecretError) -> [UInt8] {
    let key = try bytes(text, after: symmetricPrefix, of: "secret")
    guard symmetricLengths.contains(key.count) else {
      let (least, most) = (symmetricLengths.lowerBound, symmetricLengths.upperBound)
      throw SecretError("a whsec_ secret must hold \(least) to \(most) bytes, not \(key.count)")
    }
    return key
  }

  private static func seed(_ text: String) throws(SecretError) -> [UInt8] {
    // The two lines of "secret new --ed25519" in one file: the likeliest mistake gets its own sentence.
    guard !text.contains(publicPrefix) else {
      throw SecretError("a whsk_ secret must stand alone; remove the whpk_ key after it")
    }
    let key = try bytes(text, after: asymmetricPrefix, of: "secret")
    let (short, long) = (Ed25519Key.seedLength, Ed25519Key.seedLength + Ed25519Key.publicLength)
    guard key.count == short || key.count == long else {
      throw SecretError("a whsk_ secret must hold \(short) or \(long) bytes, not \(key.count)")
    }
    let seed = Array(key.prefix(short))
    // Signatures would verify with neither half: better refused here than by every subscriber.
    guard key.count == short || Ed25519Key(seed: seed).publicBytes == Array(key.dropFirst(short)) else {
      throw SecretError("the last \(Ed25519Key.publicLength) bytes of this whsk_ secret are not its public key")
    }
    return seed
  }

  private static func bytes(
    _ text: String, after prefix: String, of what: String
  ) throws(SecretError) -> [UInt8] {
    guard let bytes = Data(base64Encoded: String(text.dropFirst(prefix.count))) else {
      throw SecretError("what follows \(prefix) in a \(what) must be base64")
    }
    return Array(bytes)
  }

  private static func randomBytes(_ length: Int) -> [UInt8] {
    [UInt8](unsafeUninitializedCapacity: length) { buffer, count in
      let filled = RAND_priv_bytes(buffer.baseAddress, Int32(buffer.count))
      precondition(filled == 1, "OpenSSL has no randomness")
      count = length
    }
  }

  private static func base64(_ bytes: [UInt8]) -> String { Data(bytes).base64EncodedString() }
}
