import Foundation
package import GatewayCore

/// A callback URL that callbacks are posted to, and Tencent's conditions for an answer.
package struct CallbackTarget: Sendable, CustomStringConvertible {
  /// Tencent waits this long, and never longer.
  package static let timeout: Duration = .seconds(2)

  package static let standard = CallbackTarget(unchecked: "http://127.0.0.1:8080/callback")

  package let description: String

  private init(unchecked text: String) { description = text }

  /// Nil unless it is an absolute http or https URL in ASCII, without a fragment.
  package init?(_ text: String) {
    guard let parts = URLComponents(string: text), ["http", "https"].contains(parts.scheme?.lowercased()),
      parts.host?.isEmpty == false, parts.fragment == nil, text.utf8.allSatisfy({ (0x21..<0x7F).contains($0) })
    else { return nil }
    description = text
  }

  /// One call, with `query` behind the URL, or behind the query that it has.
  package func request(query: String, body: [UInt8]) -> OutboundRequest {
    let endpoint = Endpoint(
      url: description, timeout: Self.timeout, connectTimeout: Self.timeout, privateAddresses: .allow)
    var request = OutboundRequest(endpoint: endpoint, headers: [("Content-Type", "application/json")], body: body)
    request.query = query
    return request
  }
}
