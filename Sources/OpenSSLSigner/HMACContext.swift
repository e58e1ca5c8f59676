import COpenSSL

/// Owns one HMAC-SHA256 context of OpenSSL's, keyed once and used for one message after the other.
///
/// OpenSSL fails here only when memory is out, which ends the process.
struct HMACContext: ~Copyable {
  private let context: OpaquePointer

  init(key: [UInt8]) {
    let algorithm = EVP_MAC_fetch(nil, "HMAC", nil)
    // The context keeps a reference of its own.
    defer { EVP_MAC_free(algorithm) }
    guard let context = EVP_MAC_CTX_new(algorithm), switchyard_hmac_sha256_init(context, key, key.count) == 1 else {
      preconditionFailure("OpenSSL cannot make an HMAC-SHA256 context")
    }
    self.context = context
  }

  deinit { EVP_MAC_CTX_free(context) }

  /// The 32 bytes of HMAC-SHA256 over `prefix` and then `body`.
  mutating func authenticate(prefix: [UInt8], body: [UInt8]) -> [UInt8] {
    let taken =
      switchyard_hmac_restart(context) == 1 && EVP_MAC_update(context, prefix, prefix.count) == 1
      && EVP_MAC_update(context, body, body.count) == 1
    precondition(taken, "OpenSSL cannot go on with HMAC-SHA256")
    return [UInt8](unsafeUninitializedCapacity: SHA256Context.digestLength) { buffer, count in
      let finished = EVP_MAC_final(context, buffer.baseAddress, &count, buffer.count)
      precondition(finished == 1, "OpenSSL cannot finish HMAC-SHA256")
    }
  }
}
