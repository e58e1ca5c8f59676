package import GatewayCore

/// Sends callbacks on as Tencent would, and takes an answer for what Tencent would take it.
package struct CallbackForwarder: Forwarder {
  private let digest: any Digest

  package init(digest: any Digest) { self.digest = digest }

  /// `Sign` and `RequestTime` go behind all else, which stays as it is: the place of a parameter means nothing.
  package func query(_ query: String, token: Secret?, now: Timestamp) -> String {
    guard let token else { return query }
    let requestTime = String(now.seconds)
    let sign = String(
      decoding: CallbackSignature.text(token: token, requestTime: requestTime, digest: digest), as: UTF8.self)
    return query + (query.isEmpty ? "" : "&") + "RequestTime=\(requestTime)&Sign=\(sign)"
  }

  /// Tencent asks for the status 200 and a JSON body; what that says decides nothing. Of a body that is too long or too
  /// deep to be read to its end, what can be read must be the beginning of a JSON text.
  package func refusal(in answer: AttemptResult.Answer, status: Int) -> String? {
    guard status == 200 else { return "the answer was \(status); \(Self.whatTakesIt)" }
    guard !answer.body.isEmpty else { return "the answer has no body; \(Self.whatTakesIt)" }
    do {
      var scanner = try JSONScanner(answer.body)
      try scanner.skipValue()
      try scanner.finish()
      return nil
    } catch {
      switch error.reason {
      case .tooDeep, .tooLong: return nil
      case .unexpectedEnd where answer.isCut: return nil
      default: return "the answer's body is not JSON: it has \(error)"
      }
    }
  }

  private static let whatTakesIt = "only 200 with a JSON body takes a whole callback"
}
