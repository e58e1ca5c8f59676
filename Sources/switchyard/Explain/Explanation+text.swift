import GatewayCore

extension Explanation {
  /// Paragraphs for reading, a blank line between them. No line holds anything that must not reach a terminal.
  var text: String {
    let paragraphs = [checksText, callbackText, eventsText, subscribersText, deliveryText]
    return paragraphs.filter { !$0.isEmpty }.map { $0.map(\.printable).joined(separator: "\n") }
      .joined(separator: "\n\n")
  }

  private var checksText: [String] {
    let rows = checks.map { check in
      let fails = check.refusal.map { " (\($0.status) \($0.reason))" } ?? ""
      return (check.name == .sign ? "Sign" : check.name.rawValue, check.words + fails)
    }
    guard let refusal else { return ["It is taken:"] + Self.columns(rows) }
    let rest = callback == nil ? "" : " What follows is what else would become of it."
    return ["It is refused with \(refusal.status), reason \(refusal.reason).\(rest)"] + Self.columns(rows)
  }

  private var callbackText: [String] {
    guard let callback else { return [] }
    let rows = [
      ("command", "\(callback.command), of app \(callback.app)"), ("becomes", Self.words(callback)),
      ("repeats", callback.repeats.words),
    ]
    return Self.columns(rows + Self.answer(callback))
  }

  private static func answer(_ callback: ExplainedCallback) -> [(String, String)] {
    guard let decision = callback.decision else {
      return (callback.isQuestion ? [("decider", "none, so it may happen")] : []) + [("answer", callback.reply)]
    }
    let answer = "the decider's; if it fails, on_failure is \(decision.onFailure): \(decision.answerOnFailure)"
    return [("decider", "\(decision.url) is asked, and has \(decision.timeout)"), ("answer", answer)]
  }

  private static func words(_ callback: ExplainedCallback) -> String {
    if let reason = callback.unsplitReason { return "one event of type callback, carried whole: \(reason)" }
    guard let row = callback.row else { return "one event" }
    let batch = row.batch.map { ", one for each of \($0)" } ?? ""
    return switch callback.eventCount {
    case 0: "no event, since \(row.batch ?? "its list") is empty; nothing is written down"
    case 1: "1 event of type \(row.type)\(batch)"
    case let count: "\(count) events of type \(row.type)\(batch)"
    }
  }

  private var eventsText: [String] {
    guard let callback, !events.isEmpty else { return [] }
    let lines = events.map { event in
      let accounts = [event.from, event.to].compactMap(\.self).joined(separator: " → ")
      let subjects = [
        accounts.isEmpty ? nil : accounts, event.group.map { "group \($0)" }, event.account.map { "account \($0)" },
        event.partitionKey.map { "key \($0)" },
      ]
      return "  " + ([event.id, event.time] + subjects.compactMap(\.self)).joined(separator: "  ")
    }
    let left = callback.eventCount - events.count
    return ["Events:"] + lines + (left > 0 ? ["  and \(left) more, which --all lists"] : [])
  }

  private var subscribersText: [String] {
    guard let callback, callback.eventCount > 0 else { return [] }
    guard !subscribers.isEmpty else { return ["There are no subscribers."] }
    return ["Subscribers:"]
      + Self.columns(subscribers.map { ($0.name, Self.words($0, of: callback.eventCount)) })
  }

  private static func words(_ share: SubscriberShare, of count: Int) -> String {
    let whyNot = share.whyNot.map { "; \($0)" } ?? ""
    guard !share.events.isEmpty else { return "nothing: \(share.whyNot ?? "")" }
    let waits = share.waits.map { "; held, since \($0)" } ?? ""
    let got = "\(share.events.count) of \(count)"
    return switch share.format {
    case DeliveryForm.original.rawValue: "the whole callback, for \(got) events\(whyNot)\(waits)"
    case DeliveryForm.batch.rawValue: "\(got), in batches\(whyNot)\(waits)"
    default: "\(got), a request each\(whyNot)\(waits)"
    }
  }

  private var deliveryText: [String] {
    guard let delivery else { return [] }
    let events = delivery.events.count == 1 ? "1 event" : "\(delivery.events.count) events"
    let madeUp = "Nobody has been asked: its data.decision is made up, the answer that lets it happen."
    return ["A delivery to \(delivery.subscriber), with \(events):"]
      + (delivery.decisionIsMadeUp ? [madeUp] : []) + ["", "\(delivery.method) \(delivery.url)"]
      + delivery.headers.map { "\($0.name): \($0.value)" } + ["Content-Length: \(delivery.length)", ""]
      + delivery.body.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
  }

  /// Two columns, indented.
  private static func columns(_ rows: [(String, String)]) -> [String] {
    let width = rows.map(\.0.count).max() ?? 0
    return rows.map { "  " + $0.0 + String(repeating: " ", count: width - $0.0.count) + "  " + $0.1 }
  }
}
