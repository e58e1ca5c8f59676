import Foundation
import FuzzDriver
import GatewayCore
import OpenSSLSigner
import TencentChat

/// Who gets past the signature: only a query that bears one of the tokens' signatures of its own `RequestTime`.
enum SignatureCheck {
  private static let digest = OpenSSLDigest()
  private static let tokens = [Secret("first-token"), Secret("second-token")]
  private static let app = AppConfiguration(id: AppID(rawValue: 1_400_000_000), tokens: tokens)
  /// The seeds are signed for this moment, 2026-11-20T20:36:00.123Z.
  private static let now = Timestamp(milliseconds: 1_795_206_960_123)

  static func check(_ query: CallbackQuery) {
    let verifier = SignatureVerifier(digest: digest)
    let verdict = verifier.verify(query, app: app, now: now)
    require(verdict == expected(of: query), "the signature is judged as it should be", "\(verdict)")

    // Nothing that stands in a query can keep a signature from counting that is put behind what is kept of it.
    for token in tokens {
      let signed = CallbackQuery(
        CallbackForwarder(digest: digest).query(query.withoutCredentials, token: token, now: now))
      require(verifier.verify(signed, app: app, now: now) == .valid, "a signature put behind counts")
      require(
        signed.withoutCredentials.utf8.elementsEqual(query.withoutCredentials.utf8), "it leaves all else as it was",
        signed.withoutCredentials)
    }
  }

  private static func expected(of query: CallbackQuery) -> SignatureVerdict {
    guard let sign = query.signature, let requestTime = query.requestTime,
      requestTime.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let seconds = Int64(requestTime),
      tokens.contains(where: { self.sign(token: $0.exposed, requestTime: requestTime) == lowercased(sign) })
    else { return .bad }
    let tolerance: Int64 = 60
    return (now.seconds - tolerance...now.seconds + tolerance).contains(seconds)
      ? .valid : .stale(by: .seconds(now.seconds) - .seconds(seconds))
  }

  private static func sign(token: String, requestTime: String) -> [UInt8] {
    let hex = digest.sha256([Array((token + requestTime).utf8)]).map { String(format: "%02x", $0) }.joined()
    return Array(hex.utf8)
  }

  private static func lowercased(_ text: String) -> [UInt8] {
    text.utf8.map { (UInt8(ascii: "A")...UInt8(ascii: "F")).contains($0) ? $0 + 0x20 : $0 }
  }
}
