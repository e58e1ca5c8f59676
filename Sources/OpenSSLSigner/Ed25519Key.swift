import COpenSSL

/// Owns one Ed25519 key (RFC 8032) of OpenSSL's, private or public.
///
/// OpenSSL fails here only when memory is out or when it was built without Ed25519, either of which ends the process.
// SAFETY: OpenSSL lets threads share a key that no longer changes; each use of it has a context of its own.
struct Ed25519Key: ~Copyable, @unchecked Sendable {
  static let seedLength = 32
  static let publicLength = 32
  static let signatureLength = 64

  private static let algorithm = "ED25519"

  private let key: OpaquePointer

  /// The private key that `seed` stands for.
  init(seed: [UInt8]) {
    precondition(seed.count == Self.seedLength)
    guard let key = EVP_PKEY_new_raw_private_key_ex(nil, Self.algorithm, nil, seed, seed.count) else {
      preconditionFailure("OpenSSL cannot make an Ed25519 key")
    }
    self.key = key
  }

  /// A key that can only verify. Bytes that are no point of the curve are taken, and verify nothing.
  init(publicBytes: [UInt8]) {
    precondition(publicBytes.count == Self.publicLength)
    guard let key = EVP_PKEY_new_raw_public_key_ex(nil, Self.algorithm, nil, publicBytes, publicBytes.count) else {
      preconditionFailure("OpenSSL cannot take an Ed25519 public key")
    }
    self.key = key
  }

  deinit { EVP_PKEY_free(key) }

  var publicBytes: [UInt8] {
    [UInt8](unsafeUninitializedCapacity: Self.publicLength) { buffer, count in
      count = buffer.count
      let told = EVP_PKEY_get_raw_public_key(key, buffer.baseAddress, &count)
      precondition(told == 1, "OpenSSL cannot tell an Ed25519 public key")
    }
  }

  /// The 64 bytes of the signature. The key must be a private one.
  func signature(of message: [UInt8]) -> [UInt8] {
    let context = EVP_MD_CTX_new()
    defer { EVP_MD_CTX_free(context) }
    let started = EVP_DigestSignInit(context, nil, nil, nil, key)
    precondition(started == 1, "OpenSSL cannot start an Ed25519 signature")
    return [UInt8](unsafeUninitializedCapacity: Self.signatureLength) { buffer, count in
      count = buffer.count
      let signed = EVP_DigestSign(context, buffer.baseAddress, &count, message, message.count)
      precondition(signed == 1, "OpenSSL cannot sign with Ed25519")
    }
  }

  /// Whether `signature` is this key's over the message; false too for a signature of another length.
  func verifies(_ signature: [UInt8], of message: [UInt8]) -> Bool {
    let context = EVP_MD_CTX_new()
    defer { EVP_MD_CTX_free(context) }
    let started = EVP_DigestVerifyInit(context, nil, nil, nil, key)
    precondition(started == 1, "OpenSSL cannot start to verify with Ed25519")
    return EVP_DigestVerify(context, signature, signature.count, message, message.count) == 1
  }
}
