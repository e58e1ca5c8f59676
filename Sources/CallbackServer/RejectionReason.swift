/// Why a callback was refused: the label `reason` of `switchyard_callbacks_rejected_total`.
package enum RejectionReason: String, Hashable, Sendable, CaseIterable {
  case method
  case tooLarge = "too_large"
  case tooSlow = "too_slow"
  case unknownApp = "unknown_app"
  case ipNotAllowed = "ip_not_allowed"
  case badSignature = "bad_signature"
  case staleSignature = "stale_signature"
  case loop
  case overloaded
  case malformed
  case journalUnavailable = "journal_unavailable"

  /// The reasons a callback can be refused for before its app is known.
  static let ofUnknownApps: [RejectionReason] = [.method, .tooLarge, .tooSlow, .unknownApp, .overloaded, .malformed]

  /// Whether it is the gateway that fails: an authentic callback is lost.
  var isGatewayFault: Bool { self == .overloaded || self == .journalUnavailable }
}
