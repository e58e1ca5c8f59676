import COpenSSL

/// The word that a signature begins with, which says how it was made.
enum SignatureScheme: String {
  /// HMAC-SHA256.
  case symmetric = "v1"
  /// Ed25519.
  case asymmetric = "v1a"

  /// The scheme, a comma and the base64 of the bytes: one signature in `webhook-signature`.
  func text(_ bytes: [UInt8]) -> String {
    // OpenSSL ends what it writes with a zero byte, so it needs room for one more.
    let capacity = (bytes.count + 2) / 3 * 4 + 1
    return "\(rawValue),"
      + String(unsafeUninitializedCapacity: capacity) { buffer in
        Int(EVP_EncodeBlock(buffer.baseAddress, bytes, Int32(bytes.count)))
      }
  }
}
