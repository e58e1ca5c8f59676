import ChatSimulator
import GatewayCore
import TencentChat

extension CallReport {
  /// `20:36:00.123 black_list_add id  1 ok, 2 failed  Sns.CallbackBlackListAdd posted`
  var text: String {
    let time = answeredAt.description.dropFirst("2026-11-20T".count).dropLast("Z".count)
    let what = [String(time), answer.command?.rawValue ?? "not a call", answer.from?.name].compactMap(\.self)
    return ([what.joined(separator: " "), rows] + posted).joined(separator: "  ").printable
  }

  var okRows: Int { answer.rows.count { $0.failure == nil } }
  var failedRows: Int { answer.rows.count - okRows }

  private var rows: String {
    if let error = answer.error { return "refused \(error.code): \(error.info)" }
    return "\(okRows) ok, \(failedRows) failed"
  }

  private var posted: [String] {
    if callbacks.isEmpty { return answer.error == nil ? ["no callback"] : [] }
    return callbacks.map { callback in
      let end = callback.failure == nil ? "posted" : callback.tries == 0 ? "not posted" : "failed"
      return "\(callback.command.rawValue) \(end)" + (callback.tries > 1 ? " at try \(callback.tries)" : "")
    }
  }
}

extension CallbackFailure {
  /// `callback failed: Sns.CallbackBlackListAdd 0199…: no complete answer within 2s`
  var text: String {
    let name = [command.rawValue, requestID].compactMap(\.self).joined(separator: " ")
    return "callback failed: \(name): \(reason)\(isTriedAgain ? "; it is posted again" : "")"
  }
}
