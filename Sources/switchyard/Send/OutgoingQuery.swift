import Foundation
import GatewayCore
import OpenSSLSigner

/// The query that Tencent puts behind the callback URL, with the keys in the order seen on the wire: ASCII's.
struct OutgoingQuery: Sendable {
  /// What `send` says of the app's user: nothing that could be taken for a real one.
  static let clientIP = "127.0.0.1"
  static let platform = "RESTAPI"

  var appID: AppID
  var command: String
  /// With a token the call is signed.
  var token: Secret?

  /// - Parameters:
  ///   - requestID: fresh for each call.
  ///   - now: when it is signed.
  func text(requestID: String, now: Timestamp) -> String {
    let signature = token.map { Self.signature(token: $0, requestTime: now.seconds) }
    let entries: [(key: String, value: String?)] = [
      ("CallbackCommand", Self.encoded(command)), ("ClientIP", Self.clientIP), ("OptPlatform", Self.platform),
      ("RequestId", requestID), ("RequestTime", signature.map { _ in String(now.seconds) }),
      ("SdkAppid", appID.description), ("Sign", signature), ("contenttype", "json"),
    ]
    return entries.compactMap { entry in entry.value.map { "\(entry.key)=\($0)" } }.joined(separator: "&")
  }

  /// Lower-case hex of SHA-256 over the token and the decimal time.
  private static func signature(token: Secret, requestTime: Int64) -> String {
    let hash = OpenSSLDigest().sha256([Array(token.exposed.utf8), Array(String(requestTime).utf8)])
    return hash.map { byte in (byte < 0x10 ? "0" : "") + String(byte, radix: 16) }.joined()
  }

  private static func encoded(_ value: String) -> String {
    value.addingPercentEncoding(withAllowedCharacters: unreserved) ?? value
  }

  /// RFC 3986, section 2.3.
  private static let unreserved = CharacterSet(
    charactersIn: "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
}
