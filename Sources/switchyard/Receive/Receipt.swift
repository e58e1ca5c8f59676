import GatewayCore

/// One delivery as it was received and answered: a line on standard output, or one for each event of a batch.
struct Receipt: Sendable {
  var receivedAt: Timestamp
  var headers: DeliveryHeaders
  var verdict: SignatureCheck.Verdict
  /// What it is answered.
  var status: Int
  var body: ReceivedBody

  /// `20:36:00.123 blocklist.added id → id1  0199…-0  attempt 1  signature ok`; behind the id of an event in a batch
  /// `1/3 of batch-…`.
  var text: String {
    switch body.content {
    case .event(let event): text([event.text, headers.id ?? event.id])
    case .batch(let events):
      events.enumerated().map { index, event in
        text([event.text, event.id, "\(index + 1)/\(events.count) of \(headers.id ?? "a batch")"])
      }.joined(separator: "\n")
    case .callback(let callback): text([callback.text, headers.id])
    case .other: text(["not an event, \(body.length) bytes", headers.id])
    }
  }

  /// `{"receivedAt":…,"id":…,"type":…,"attempt":…,"signature":…,"status":…,"event":…}`; null for what is not known. An
  /// event in a batch has `"batch":{"id":…,"index":…,"size":…}` before `event`; a callback has `"command":…,"items":…,
  /// "callback":…` in its place.
  var json: String {
    switch body.content {
    case .event(let event): json(id: headers.id ?? event.id, type: event.type, ["event": event.json])
    case .batch(let events):
      events.enumerated().map { index, event in
        let batch = "{\"id\":\(Self.json(headers.id)),\"index\":\(index),\"size\":\(events.count)}"
        return json(id: event.id, type: event.type, ["batch": batch, "event": event.json])
      }.joined(separator: "\n")
    case .callback(let callback):
      json(
        id: headers.id, type: nil,
        [
          "command": Self.json(callback.command), "items": callback.list.map { String($0.count) } ?? "null",
          "callback": callback.json,
        ])
    case .other(let json): self.json(id: headers.id, type: nil, ["event": json ?? "null"])
    }
  }

  private func text(_ first: [String?]) -> String {
    let time = receivedAt.description.dropFirst("2026-11-20T".count).dropLast("Z".count)
    var columns = first.compactMap(\.self)
    columns[0] = "\(time) \(columns[0])"
    if let attempt = headers.attempt { columns.append("attempt \(attempt)") }
    columns.append(signature)
    if status != Misbehaviour.okStatus { columns.append("answered \(status)") }
    return columns.joined(separator: "  ").printable
  }

  /// - Parameter content: Names and the JSON of what stands behind what all have.
  private func json(id: String?, type: String?, _ content: KeyValuePairs<String, String>) -> String {
    var text = "{\"receivedAt\":\"\(receivedAt)\",\"id\":\(Self.json(id)),\"type\":\(Self.json(type)),\"attempt\":"
    text.append(headers.attempt.map(String.init) ?? "null")
    text.append(",\"signature\":\"\(verdictWord)\"")
    if case .invalid(let reason) = verdict { text.append(",\"reason\":" + Self.json(reason)) }
    text.append(",\"status\":\(status)")
    for (name, value) in content { text.append(",\"\(name)\":" + value) }
    text.append("}")
    return text
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
