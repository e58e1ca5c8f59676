import COpenSSL
import GatewayCore

/// SHA-256 and constant-time comparison by OpenSSL.
package struct OpenSSLDigest: Digest {
  package init() {}

  package func sha256(_ parts: [[UInt8]]) -> [UInt8] {
    var context = SHA256Context()
    for part in parts { context.update(part) }
    return context.finish()
  }

  package func constantTimeEqual(_ left: [UInt8], _ right: [UInt8]) -> Bool {
    left.count == right.count && CRYPTO_memcmp(left, right, left.count) == 0
  }
}
