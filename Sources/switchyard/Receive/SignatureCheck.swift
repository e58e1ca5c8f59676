import GatewayCore
import OpenSSLSigner

/// Checks a delivery by Standard Webhooks: signed with one of the secrets, and at most five minutes old or ahead.
struct SignatureCheck: Sendable {
  enum Verdict: Hashable, Sendable {
    case valid
    case invalid(reason: String)
    case missing
    /// There are no secrets to check with.
    case unchecked

    var isAcceptable: Bool {
      switch self {
      case .valid, .unchecked: true
      case .invalid, .missing: false
      }
    }
  }

  static let tolerance: Duration = .seconds(300)

  private let verifier: WebhookVerifier?

  init(secrets: [Secret]) throws(SecretError) {
    verifier = secrets.isEmpty ? nil : try WebhookVerifier(secrets: secrets)
  }

  func verdict(on headers: DeliveryHeaders, body: [UInt8], now: Timestamp) -> Verdict {
    guard let verifier else { return .unchecked }
    guard let signature = headers.signature else { return .missing }
    guard let id = headers.id else { return .invalid(reason: "webhook-id is missing") }
    guard let timestamp = headers.timestamp else { return .invalid(reason: "webhook-timestamp is missing") }
    guard let seconds = Int64(timestamp) else { return .invalid(reason: "webhook-timestamp is not a number") }
    guard verifier.verifies(signatures: signature, id: id, timestamp: timestamp, body: body) else {
      return .invalid(reason: "no secret given here made it")
    }
    let (age, overflow) = now.seconds.subtractingReportingOverflow(seconds)
    guard !overflow, age.magnitude <= UInt64(Self.tolerance.components.seconds) else {
      return .invalid(reason: "webhook-timestamp is more than five minutes off")
    }
    return .valid
  }
}
