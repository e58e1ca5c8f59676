import GatewayCore
import TencentChat

/// Who is asked before a command, and what Tencent is answered if that fails.
struct ExplainedDecision: Encodable {
  /// Without the query of the decider's own URL, which may hold a key.
  var url: String
  var timeout: String
  /// `allow` or `deny`.
  var onFailure: String
  /// The JSON of that answer.
  var answerOnFailure: String
}

extension ExplainedDecision {
  /// Nil if Tencent waits for nothing, or nobody is asked.
  init?(of read: ReadCallback, by decisions: [Decision]) {
    guard let question = read.question,
      let decision = decisions.first(where: { $0.isAsked(before: question.kind.command, of: question.kind.app) })
    else { return nil }
    url = decision.endpoint.shownURL
    timeout = decision.endpoint.timeout.text
    onFailure = decision.onFailure.rawValue
    answerOnFailure = String(decoding: decision.onFailure == .deny ? question.denial : read.reply, as: UTF8.self)
  }
}
