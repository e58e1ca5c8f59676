import Foundation
import GatewayCore
import Testing

/// Runs the `openssl` program, which knows nothing of this code.
enum OpenSSLCommand {
  /// The base64 of HMAC-SHA256 over a message with the key of a `whsec_` secret.
  static func hmac(_ message: [UInt8], secret: Secret) throws -> String {
    let key = try #require(Data(base64Encoded: String(secret.exposed.dropFirst("whsec_".count))))
    let file = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
    try Data(message).write(to: file)
    defer { try? FileManager.default.removeItem(at: file) }
    let process = Process()
    let output = Pipe()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = [
      "openssl", "dgst", "-sha256", "-mac", "HMAC", "-macopt",
      "hexkey:" + key.map { String(format: "%02x", $0) }.joined(), "-binary", file.path,
    ]
    process.standardOutput = output
    try process.run()
    let code = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return code.base64EncodedString()
  }
}
