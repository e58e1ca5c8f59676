import ArgumentParser
import Foundation
import GatewayCore

/// The callback URL that `send` posts to, and Tencent's conditions for an answer.
struct CallbackTarget: Sendable, ExpressibleByArgument, CustomStringConvertible {
  /// Tencent waits this long, and never longer.
  static let timeout: Duration = .seconds(2)

  static let standard = CallbackTarget(text: "http://127.0.0.1:8080/callback")

  let description: String

  private init(text: String) { description = text }

  init?(argument: String) {
    guard let parts = URLComponents(string: argument), ["http", "https"].contains(parts.scheme?.lowercased()),
      parts.host?.isEmpty == false, parts.fragment == nil, argument.utf8.allSatisfy({ (0x21..<0x7F).contains($0) })
    else { return nil }
    description = argument
  }

  /// One call, with `query` behind the URL, or behind the query that it has.
  func request(query: String, body: [UInt8]) -> OutboundRequest {
    let url = description + (description.contains("?") ? "&" : "?") + query
    let endpoint = Endpoint(
      url: url, timeout: Self.timeout, connectTimeout: Self.timeout, privateAddresses: .allow)
    return OutboundRequest(endpoint: endpoint, headers: [("Content-Type", "application/json")], body: body)
  }
}
