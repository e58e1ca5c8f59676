import Foundation
import GatewayCore
import TestSupport
import Testing

/// Runs the `openssl` program, which knows nothing of this code.
enum OpenSSLCommand {
  /// The base64 of HMAC-SHA256 over a message with the key of a `whsec_` secret.
  static func hmac(_ message: [UInt8], secret: Secret) throws -> String {
    let key = try #require(Data(base64Encoded: String(secret.exposed.dropFirst("whsec_".count))))
    let file = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
    try Data(message).write(to: file)
    defer { try? FileManager.default.removeItem(at: file) }
    let hexKey = key.map { String(format: "%02x", $0) }.joined()
    let words = ["openssl", "dgst", "-sha256", "-mac", "HMAC", "-macopt", "hexkey:\(hexKey)", "-binary", file.path]
    return try Command(words).runHere().output.base64EncodedString()
  }
}
