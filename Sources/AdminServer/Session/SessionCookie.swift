import Foundation
import HTTPTypes

/// The cookie that holds a session's key (RFC 6265).
struct SessionCookie: Hashable, Sendable {
  private let name: String

  /// - Parameter port: Where the door was told to listen. Browsers tell hosts apart by name alone, and send the cookies
  ///   of one gateway to the next one on the same machine.
  init(port: Int) { name = port == 0 ? "switchyard_session" : "switchyard_session_\(port)" }

  /// The key that a request's `Cookie` headers hold.
  func key(in headers: HTTPFields) -> String? {
    for field in headers[values: .cookie] {
      for pair in field.split(separator: ";") {
        let parts = pair.split(separator: "=", maxSplits: 1)
        if parts.count == 2, parts[0].trimmingCharacters(in: .whitespaces) == name {
          return parts[1].trimmingCharacters(in: .whitespaces)
        }
      }
    }
    return nil
  }

  /// A `Set-Cookie` header. No script can read it, and no page of another site makes the browser send it.
  ///
  /// - Parameter isSecure: Whether the browser came by https; it may then never send the cookie in the clear.
  func setting(key: String, isSecure: Bool) -> String { "\(name)=\(key)\(attributes(isSecure: isSecure))" }

  /// A `Set-Cookie` header that takes it away.
  func clearing(isSecure: Bool) -> String { "\(name)=; Max-Age=0\(attributes(isSecure: isSecure))" }

  private func attributes(isSecure: Bool) -> String {
    "; Path=/; HttpOnly; SameSite=Strict" + (isSecure ? "; Secure" : "")
  }
}
