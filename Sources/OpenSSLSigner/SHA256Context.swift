import COpenSSL

/// Owns one running SHA-256 of OpenSSL's. OpenSSL fails here only when memory is out, which ends the process.
struct SHA256Context: ~Copyable {
  static let digestLength = 32

  private let context: OpaquePointer

  init() {
    guard let context = EVP_MD_CTX_new(), EVP_DigestInit_ex2(context, Algorithm.sha256.pointer, nil) == 1 else {
      preconditionFailure("OpenSSL cannot start SHA-256")
    }
    self.context = context
  }

  deinit { EVP_MD_CTX_free(context) }

  mutating func update(_ bytes: [UInt8]) {
    let updated = EVP_DigestUpdate(context, bytes, bytes.count)
    precondition(updated == 1, "OpenSSL cannot go on with SHA-256")
  }

  /// The 32 bytes; the context is spent.
  consuming func finish() -> [UInt8] {
    [UInt8](unsafeUninitializedCapacity: Self.digestLength) { buffer, count in
      let finished = EVP_DigestFinal_ex(context, buffer.baseAddress, nil)
      precondition(finished == 1, "OpenSSL cannot finish SHA-256")
      count = Self.digestLength
    }
  }
}

/// The algorithm, fetched once: looking it up for each digest costs as much as a short digest.
// SAFETY: OpenSSL shares fetched algorithms between threads; it is never changed, and never freed.
private struct Algorithm: @unchecked Sendable {
  static let sha256 = Algorithm()

  let pointer: OpaquePointer

  private init() {
    guard let pointer = EVP_MD_fetch(nil, "SHA256", nil) else { preconditionFailure("OpenSSL has no SHA-256") }
    self.pointer = pointer
  }
}
