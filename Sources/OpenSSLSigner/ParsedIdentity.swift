import COpenSSL
import Foundation
import GatewayCore

/// Owns a client certificate and a private key as OpenSSL reads them, either of which may be missing.
struct ParsedIdentity: ~Copyable {
  private let certificate: OpaquePointer?
  private let key: OpaquePointer?
  /// Whether the certificates after the first can all be read.
  let isChainGood: Bool
  /// Whether there is a key that only a passphrase would open.
  let isKeyEncrypted: Bool

  init(_ identity: ClientIdentity) {
    var isEncrypted: Int32 = 0
    (certificate, isChainGood) = withPEM(identity.certificates) { text in
      let first = switchyard_pem_certificate(text)
      return (first, first != nil && switchyard_pem_chain_is_good(text) == 1)
    }
    key = withPEM(identity.key.exposed) { switchyard_pem_private_key($0, &isEncrypted) }
    isKeyEncrypted = key == nil && isEncrypted == 1
  }

  deinit {
    X509_free(certificate)
    EVP_PKEY_free(key)
  }

  var hasCertificate: Bool { certificate != nil }
  var hasKey: Bool { key != nil }

  /// Whether the key is the certificate's. Both must be there.
  var belongTogether: Bool {
    defer { ERR_clear_error() }
    return X509_check_private_key(certificate, key) == 1
  }

  /// Whether the certificate's time has begun, and whether it has ended. The certificate must be there.
  func validity(at date: Date) -> (hasBegun: Bool, hasEnded: Bool) {
    var time = time_t(date.timeIntervalSince1970)
    // Negative: before that time, or at it.
    return (
      X509_cmp_time(X509_get0_notBefore(certificate), &time) < 0,
      X509_cmp_time(X509_get0_notAfter(certificate), &time) < 0
    )
  }
}

/// Runs `body` with the text for OpenSSL to read from its beginning. What OpenSSL notes of errors is thrown away.
func withPEM<Result>(_ bytes: [UInt8], _ body: (OpaquePointer) -> Result) -> Result {
  defer { ERR_clear_error() }
  // One byte more, so that there is a place to point to when there are none.
  return (bytes + [0]).withUnsafeBytes { buffer in
    guard let text = BIO_new_mem_buf(buffer.baseAddress, Int32(bytes.count)) else {
      preconditionFailure("OpenSSL is out of memory")
    }
    defer { BIO_free(text) }
    return body(text)
  }
}
