import GatewayCore

/// An answer other than OK: the reason it is counted under, its HTTP status, and a sentence for who sent the callback.
package struct Refusal: Hashable, Sendable {
  package let reason: RejectionReason
  package let status: Int
  package let sentence: String

  package init(_ reason: RejectionReason, status: Int, _ sentence: String) {
    self.reason = reason
    self.status = status
    self.sentence = sentence
  }

  /// What is wrong, where the reason alone leaves that open; nothing the sender wrote.
  var cause: String? { reason == .malformed ? sentence : nil }
}

/// The contract's table of checks, in its order.
extension Refusal {
  package static let notACallbackPath = Refusal(.method, status: 404, "No callbacks are taken at this path.")
  package static let methodNotAllowed = Refusal(.method, status: 405, "Callbacks are taken by POST.")
  package static let headTooLarge = Refusal(.tooLarge, status: 431, "The request's head is larger than 64 KiB.")
  package static let headTooSlow = Refusal(.tooSlow, status: 408, "The request's head did not arrive within 10 s.")
  package static let bodyTooLarge = Refusal(.tooLarge, status: 413, "The body is larger than 4 MiB.")
  package static let unknownApp = Refusal(.unknownApp, status: 403, "The SdkAppid is missing or not one of ours.")
  package static let addressNotAllowed = Refusal(
    .ipNotAllowed, status: 403, "Callbacks of this app are not taken from this address.")
  package static let badSignature = Refusal(.badSignature, status: 401, "The Sign is missing or wrong.")
  package static let staleSignature = Refusal(
    .staleSignature, status: 401, "The RequestTime is too far from the current time.")
  package static let ownMark = Refusal(.loop, status: 508, "The callback has been through this gateway before.")
  package static let tooManyMarks = Refusal(
    .loop, status: 508, "The callback has been through \(Via.limit) gateways or more.")
  package static let bodyTooSlow = Refusal(.tooSlow, status: 408, "The body did not arrive within 10 s.")
  package static let overloaded = Refusal(.overloaded, status: 503, "Too many callbacks are being taken right now.")
  package static let notHTTP = Refusal(.malformed, status: 400, "The request is not valid HTTP/1.1.")
  package static let bodyCutShort = Refusal(.malformed, status: 400, "The body ended before its announced length.")
  package static let journalUnavailable = Refusal(
    .journalUnavailable, status: 503, "The callback could not be stored in time.")

  package static func malformed(_ sentence: String) -> Refusal { Refusal(.malformed, status: 400, sentence) }
}
