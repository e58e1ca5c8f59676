import COpenSSL
import GatewayCore
import Synchronization

/// The key in one `whsec_…` secret, ready to sign from any thread.
///
/// Threads that sign with the same key wait for each other, less than a microsecond per KiB signed.
final class WebhookKey: Sendable {
  private let context: Mutex<HMACContext>

  init(_ secret: Secret) throws(SecretError) {
    let bytes = try WebhookSecret.keyBytes(of: secret)
    context = Mutex(HMACContext(key: bytes))
  }

  /// `v1,` and the base64 of HMAC-SHA256 over `prefix` and then `body`.
  func signature(prefix: [UInt8], body: [UInt8]) -> String {
    let code = context.withLock { $0.authenticate(prefix: prefix, body: body) }
    // OpenSSL ends what it writes with a zero byte, so it needs room for one more.
    let capacity = (code.count + 2) / 3 * 4 + 1
    return "v1,"
      + String(unsafeUninitializedCapacity: capacity) { buffer in
        Int(EVP_EncodeBlock(buffer.baseAddress, code, Int32(code.count)))
      }
  }

  /// What stands before the body in what is signed.
  static func prefix(id: String, timestamp: String) -> [UInt8] {
    Array("\(id).\(timestamp).".utf8)
  }
}
