import GatewayCore

/// One request on its way from the sender to the end of its transfer.
struct Submission: Sendable {
  let request: OutboundRequest
  /// Nil if the URL is not one that can be dialled.
  let authority: Authority?
  let startedAt: ContinuousClock.Instant
  let completion: @Sendable (AttemptResult) -> Void

  /// When the response must be complete.
  var deadline: ContinuousClock.Instant { startedAt + request.endpoint.timeout }

  /// When the connection must stand.
  var connectDeadline: ContinuousClock.Instant {
    startedAt + min(request.endpoint.connectTimeout, request.endpoint.timeout)
  }

  /// The result of an attempt that ends now without an answer.
  func ended(_ outcome: AttemptOutcome, _ sentence: String) -> AttemptResult {
    AttemptResult(outcome: outcome, duration: .now - startedAt, error: sentence)
  }
}
