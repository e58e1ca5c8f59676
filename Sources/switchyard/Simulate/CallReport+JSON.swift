import ChatSimulator
import GatewayCore
import TencentChat

extension CallReport {
  /// `{"answeredAt":…,"command":…,"app":…,"from":…,"ok":…,"failed":…,"error":…,"callbacks":[…]}`; null for what is not
  /// known, or not so.
  var json: String {
    let command = Self.json(answer.command?.rawValue)
    var text = "{\"answeredAt\":\"\(answeredAt)\",\"command\":\(command),\"app\":\(answer.appID?.description ?? "null")"
    text.append(",\"from\":\(Self.json(answer.from?.name)),\"ok\":\(okRows),\"failed\":\(failedRows)")
    text.append(",\"error\":\(answer.error.map { String($0.code) } ?? "null"),\"callbacks\":[")
    text.append(callbacks.map(Self.json).joined(separator: ","))
    text.append("]}")
    return text
  }

  private static func json(_ callback: CallbackOutcome) -> String {
    "{\"command\":\(json(callback.command.rawValue)),\"pairs\":\(callback.pairCount),\"tries\":\(callback.tries)"
      + ",\"failure\":\(json(callback.failure))}"
  }

  private static func json(_ string: String?) -> String {
    guard let string else { return "null" }
    var text = ""
    text.appendJSONString(string)
    return text
  }
}
