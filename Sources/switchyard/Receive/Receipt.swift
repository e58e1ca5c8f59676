import GatewayCore

/// One delivery as it was received and answered: a line on standard output.
struct Receipt: Sendable {
  var receivedAt: Timestamp
  var headers: DeliveryHeaders
  var verdict: SignatureCheck.Verdict
  /// What it is answered.
  var status: Int
  var body: ReceivedBody

  /// `20:36:00.123 blocklist.added id → id1  0199…-0  attempt 1  signature ok`
  var text: String {
    let time = receivedAt.description.dropFirst("2026-11-20T".count).dropLast("Z".count)
    var columns = [[String(time), what].joined(separator: " ")]
    if let id { columns.append(id) }
    if let attempt = headers.attempt { columns.append("attempt \(attempt)") }
    columns.append(signature)
    if status != Misbehaviour.okStatus { columns.append("answered \(status)") }
    return columns.joined(separator: "  ").printable
  }

  /// `{"receivedAt":…,"id":…,"type":…,"attempt":…,"signature":…,"status":…,"event":…}`; null for what is not known.
  var json: String {
    var text = "{\"receivedAt\":\"\(receivedAt)\",\"id\":"
    text.append(Self.json(id))
    text.append(",\"type\":")
    text.append(Self.json(body.type))
    text.append(",\"attempt\":")
    text.append(headers.attempt.map(String.init) ?? "null")
    text.append(",\"signature\":\"\(verdictWord)\"")
    if case .invalid(let reason) = verdict { text.append(",\"reason\":" + Self.json(reason)) }
    text.append(",\"status\":\(status),\"event\":")
    text.append(body.json ?? "null")
    text.append("}")
    return text
  }

  private var id: String? { headers.id ?? body.id }

  private var what: String {
    guard let type = body.shortType else { return "not an event, \(body.length) bytes" }
    return [type, body.subject].compactMap(\.self).joined(separator: " ")
  }

  private var signature: String {
    switch verdict {
    case .valid: "signature ok"
    case .invalid(let reason): "signature invalid: \(reason)"
    case .missing, .unchecked: "signature \(verdictWord)"
    }
  }

  private var verdictWord: String {
    switch verdict {
    case .valid: "valid"
    case .invalid: "invalid"
    case .missing: "missing"
    case .unchecked: "unchecked"
    }
  }

  private static func json(_ string: String?) -> String {
    guard let string else { return "null" }
    var text = ""
    text.appendJSONString(string)
    return text
  }
}
