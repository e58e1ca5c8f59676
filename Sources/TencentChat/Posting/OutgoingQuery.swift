import Foundation
package import GatewayCore

/// The query that Tencent puts behind the callback URL, with the keys in the order seen on the wire: ASCII's.
///
/// What no app's user has caused comes without `ClientIP`, as documented, and some of it without `OptPlatform`.
package struct OutgoingQuery: Sendable {
  private static let withoutClient = ["Alert.", "Push.", "ContentCallback."]
  private static let withoutPlatform = ["Push.", "ContentCallback."]
  /// What `OptPlatform` says of a change that was made over the REST API.
  private static let platform = "RESTAPI"

  private let appID: AppID
  private let command: String
  private let clientIP: String
  private let token: Secret?
  private let digest: any Digest

  /// - Parameters:
  ///   - clientIP: Of whoever caused the callback; by itself nothing that could be taken for a real one.
  ///   - token: With one the call is signed.
  package init(appID: AppID, command: String, clientIP: String = "127.0.0.1", token: Secret?, digest: any Digest) {
    self.appID = appID
    self.command = command
    self.clientIP = clientIP
    self.token = token
    self.digest = digest
  }

  /// - Parameters:
  ///   - requestID: fresh for each callback; the same for one that is to be taken for a repeat.
  ///   - now: when it is signed.
  package func text(requestID: String, now: Timestamp) -> String {
    let requestTime = token.map { _ in String(now.seconds) }
    let entries: [(key: String, value: String?)] = [
      ("CallbackCommand", Self.encoded(command)),
      ("ClientIP", isOf(Self.withoutClient) ? nil : Self.encoded(clientIP)),
      ("OptPlatform", isOf(Self.withoutPlatform) ? nil : Self.platform), ("RequestId", Self.encoded(requestID)),
      ("RequestTime", requestTime), ("SdkAppid", appID.description),
      ("Sign", signature(now: now)), ("contenttype", "json"),
    ]
    return entries.compactMap { entry in entry.value.map { "\(entry.key)=\($0)" } }.joined(separator: "&")
  }

  private func isOf(_ families: [String]) -> Bool { families.contains(where: command.hasPrefix) }

  private func signature(now: Timestamp) -> String? {
    token.map {
      let hex = CallbackSignature.text(token: $0, requestTime: String(now.seconds), digest: digest)
      return String(decoding: hex, as: UTF8.self)
    }
  }

  private static func encoded(_ value: String) -> String {
    value.addingPercentEncoding(withAllowedCharacters: unreserved) ?? value
  }

  /// RFC 3986, section 2.3.
  private static let unreserved = CharacterSet(
    charactersIn: "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
}
