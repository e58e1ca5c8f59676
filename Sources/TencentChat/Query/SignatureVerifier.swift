package import GatewayCore

package enum SignatureVerdict: Hashable, Sendable {
  case valid
  /// It was made with none of the tokens, or there is none.
  case bad
  /// It was made with one of the tokens, but too long ago, by this; less than zero: for too far ahead.
  case stale(by: Duration)
}

/// Checks a callback's `Sign` and `RequestTime`.
///
/// `Sign` is made of the token and `RequestTime`, nothing else: it shows that the sender knows the token, and nothing
/// about the command or the body.
package struct SignatureVerifier: Sendable {
  private let digest: any Digest

  package init(digest: any Digest) { self.digest = digest }

  /// `.valid` when the app has no tokens. Several tokens: any may have signed; all are always compared, in constant time.
  ///
  /// Times are compared in whole seconds, which is all that `RequestTime` tells.
  package func verify(_ query: CallbackQuery, app: AppConfiguration, now: Timestamp) -> SignatureVerdict {
    guard !app.tokens.isEmpty else { return .valid }
    guard let signature = query.signature, let requestTime = query.requestTime,
      requestTime.utf8.allSatisfy(ASCII.isDigit), let seconds = Int64(requestTime)
    else { return .bad }
    guard isSigned(requestTime, with: signature, by: app.tokens) else { return .bad }
    let distance = Duration.seconds(now.seconds) - .seconds(seconds)
    return distance <= app.clockTolerance && distance >= .zero - app.clockTolerance ? .valid : .stale(by: distance)
  }

  private func isSigned(_ requestTime: String, with signature: String, by tokens: [Secret]) -> Bool {
    let given = signature.utf8.map(ASCII.lowercased)
    var matched = false
    for token in tokens {
      let expected = CallbackSignature.text(token: token, requestTime: requestTime, digest: digest)
      let equal = digest.constantTimeEqual(expected, given)
      matched = matched || equal
    }
    return matched
  }
}
