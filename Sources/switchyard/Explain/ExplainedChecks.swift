import CallbackServer
import GatewayCore
import OpenSSLSigner
import TencentChat

/// What the door's checks find, all of them.
struct ExplainedChecks {
  let query: CallbackQuery
  /// Nil: not known.
  let app: AppConfiguration?
  let peer: IPAddress?
  let bodySize: Int
  let now: Timestamp

  /// Without the last one, which takes reading the body.
  var ofHead: [ExplainedCheck] {
    [size, knownApp] + (app.map { [address(of: $0), sign(of: $0)] } ?? [])
  }

  static func body(_ error: MalformedCallback?) -> ExplainedCheck {
    guard let error else {
      return ExplainedCheck(name: .body, result: "good", words: "one JSON object, and a command is named")
    }
    let refusal = Refusal.malformed(error.description)
    return ExplainedCheck(name: .body, result: "malformed", words: error.description, refusal: .init(refusal))
  }

  private var size: ExplainedCheck {
    let isGood = bodySize <= CallbackServerLimits().bodySize
    return ExplainedCheck(
      name: .size, result: isGood ? "good" : "too_large", words: "\(bodySize) bytes",
      refusal: isGood ? nil : .init(.bodyTooLarge))
  }

  private var knownApp: ExplainedCheck {
    if let app { return ExplainedCheck(name: .app, result: "known", words: "\(app.id) is in the routes file") }
    let id = query.appID.map { "\($0) is not in the routes file" } ?? "the query has no SdkAppid that is a number"
    return ExplainedCheck(
      name: .app, result: query.appID == nil ? "absent" : "unknown", words: id, refusal: .init(.unknownApp))
  }

  private func address(of app: AppConfiguration) -> ExplainedCheck {
    func check(_ result: String, _ words: String, _ refusal: Refusal? = nil) -> ExplainedCheck {
      ExplainedCheck(name: .address, result: result, words: words, refusal: refusal.map(ExplainedRefusal.init))
    }
    guard app.allowedAddresses != nil else { return check("any", "callbacks of the app may come from anywhere") }
    guard let peer else { return check("not_looked_at", "not looked at; give --peer to try an address") }
    if app.allows(peer) { return check("allowed", "\(peer) is on the app's list") }
    switch app.allowMode {
    case .enforce: return check("not_allowed", "\(peer) is not on the app's list", .addressNotAllowed)
    case .report: return check("reported", "\(peer) is not on the app's list, which is counted and lets it pass")
    }
  }

  private func sign(of app: AppConfiguration) -> ExplainedCheck {
    func check(_ result: String, _ words: String, _ refusal: Refusal? = nil) -> ExplainedCheck {
      ExplainedCheck(name: .sign, result: result, words: words, refusal: refusal.map(ExplainedRefusal.init))
    }
    guard !app.tokens.isEmpty else { return check("not_asked_for", "not asked for, since the app has no tokens") }
    let tokens = app.tokens.count == 1 ? "the app's token" : "one of the app's \(app.tokens.count) tokens"
    switch SignatureVerifier(digest: OpenSSLDigest()).verify(query, app: app, now: now) {
    case .valid: return check("right", "made with \(tokens), and in time")
    case .stale(let age):
      let words = "made with \(tokens), but \((age < .zero ? .zero - age : age).text) \(age < .zero ? "ahead" : "ago")"
      return check("stale", "\(words); \(app.clockTolerance.text) are allowed", .staleSignature)
    case .bad where query.signature == nil: return check("absent", "the query has none", .badSignature)
    case .bad: return check("wrong", "not made with \(tokens) and this RequestTime", .badSignature)
    }
  }
}

extension ExplainedRefusal {
  init(_ refusal: Refusal) {
    self.init(status: refusal.status, reason: refusal.reason.rawValue, sentence: refusal.sentence)
  }
}
