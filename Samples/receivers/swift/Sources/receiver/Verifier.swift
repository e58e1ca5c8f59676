import Crypto
import Foundation

/// Verifies signatures of Standard Webhooks: `v1` by secrets `whsec_…`, `v1a` by public keys `whpk_…`.
///
/// Give it two keys while one is being exchanged for another: a request is genuine if any key verifies any signature.
struct Verifier {
  /// Why a request is not genuine.
  enum Failure: Error {
    case missingHeader(String)
    case timestamp(String)
    case noSignatureMatches
  }

  /// A key that is neither `whsec_…` nor `whpk_…`, or is not base64.
  struct BadKey: Error {}

  static let toleranceInSeconds: TimeInterval = 300

  private var secrets: [SymmetricKey] = []
  private var publicKeys: [Curve25519.Signing.PublicKey] = []

  init(keys: [String]) throws {
    for key in keys {
      let (prefix, text) = (key.prefix { $0 != "_" }, key.drop { $0 != "_" }.dropFirst())
      guard let bytes = Data(base64Encoded: String(text)), !bytes.isEmpty else { throw BadKey() }
      switch prefix {
      case "whsec": secrets.append(SymmetricKey(data: bytes))
      case "whpk": publicKeys.append(try Curve25519.Signing.PublicKey(rawRepresentation: bytes))
      default: throw BadKey()
      }
    }
    guard !secrets.isEmpty || !publicKeys.isEmpty else { throw BadKey() }
  }

  /// Returns if the request is genuine, and throws why not. `body` is what came, before any parser touched it; the
  /// names of `headers` are in lower case.
  func verify(body: Data, headers: [String: String], now: Date = Date()) throws {
    func header(_ name: String) throws -> String {
      guard let value = headers[name], !value.isEmpty else { throw Failure.missingHeader(name) }
      return value
    }
    let id = try header("webhook-id")
    let timestamp = try header("webhook-timestamp")
    let signatures = try header("webhook-signature")
    guard let seconds = Int(timestamp), abs(now.timeIntervalSince1970 - Double(seconds)) <= Self.toleranceInSeconds
    else { throw Failure.timestamp(timestamp) }

    let signed = Data("\(id).\(timestamp).".utf8) + body
    for signature in signatures.split(separator: " ") {
      let parts = signature.split(separator: ",", maxSplits: 1)
      guard parts.count == 2, let code = Data(base64Encoded: String(parts[1])) else { continue }
      if isGenuine(scheme: parts[0], code: code, of: signed) { return }
    }
    throw Failure.noSignatureMatches
  }

  /// The comparison of `isValidAuthenticationCode` takes the same time whatever the code is.
  private func isGenuine(scheme: Substring, code: Data, of signed: Data) -> Bool {
    switch scheme {
    case "v1":
      secrets.contains { HMAC<SHA256>.isValidAuthenticationCode(code, authenticating: signed, using: $0) }
    case "v1a":
      publicKeys.contains { $0.isValidSignature(code, for: signed) }
    default:
      false  // A scheme of the future, beside those that are known.
    }
  }
}
