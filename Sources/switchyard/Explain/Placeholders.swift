import Foundation
import GatewayCore

/// Signs nothing: says of each secret what its signature would look like.
struct PlaceholderSigner: Signer {
  private let text: String

  init(secrets: [Secret]) {
    text = secrets.map { $0.exposed.hasPrefix("whsk_") ? "v1a,<signature>" : "v1,<signature>" }.joined(separator: " ")
  }

  func signature(id: String, timestamp: Int64, body: [UInt8]) -> String { text }
}

/// Makes the query of a callback that is sent on as the real one does, but for the signature.
struct PlaceholderForwarder: Forwarder {
  /// Signed with in place of the app's own.
  static let token = Secret("placeholder")
  private static let parameter = "&Sign="

  private let forwarder: any Forwarder

  init(_ forwarder: any Forwarder) { self.forwarder = forwarder }

  func query(_ query: String, token: Secret?, now: Timestamp) -> String {
    let made = forwarder.query(query, token: token, now: now)
    // What is signed ends with the signature.
    guard token != nil, let end = made.range(of: Self.parameter, options: .backwards)?.upperBound else { return made }
    return made[..<end] + "<signature>"
  }

  func refusal(in answer: AttemptResult.Answer, status: Int) -> String? {
    forwarder.refusal(in: answer, status: status)
  }
}
