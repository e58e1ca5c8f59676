import ArgumentParser
import GatewayCore
import OpenSSLSigner

/// The secrets and public keys that `receive` verifies with: from flags, the environment and files, so that they need not be
/// seen in a list of processes.
enum ReceiveSecrets {
  static let environmentName = "SWITCHYARD_RECEIVE_SECRET"
  static let maxFileBytes = 64 << 10

  /// Several may stand in the environment and in a file, with white space between them. An empty variable counts as
  /// not set.
  static func gather(flags: [String], environment: [String: String], files: [String]) throws -> [Secret] {
    var secrets: [Secret] = []
    for flag in flags { secrets += try parse(flag, from: "--secret") }
    if let text = environment[environmentName], !text.isEmpty { secrets += try parse(text, from: environmentName) }
    for file in files {
      let bytes = try InputFile.read(path: file, limit: maxFileBytes)
      secrets += try parse(String(decoding: bytes, as: UTF8.self), from: file)
    }
    return secrets
  }

  /// An empty source is an error: without any secret nothing would be verified, and nobody would notice.
  private static func parse(_ text: String, from source: String) throws -> [Secret] {
    let secrets = text.split(whereSeparator: \.isWhitespace).map { Secret(String($0)) }
    guard !secrets.isEmpty else {
      throw ValidationError("\(source) holds no secret; give one such as 'switchyard secret new' prints")
    }
    do {
      _ = try WebhookVerifier(secrets: secrets)
    } catch {
      throw ValidationError("\(source): \(error); give one such as 'switchyard secret new' prints")
    }
    return secrets
  }
}
