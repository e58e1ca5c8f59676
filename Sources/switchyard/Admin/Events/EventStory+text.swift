import GatewayCore

extension AdminAPI.EventStory {
  /// Paragraphs for reading; nothing in them acts on a terminal.
  func lines(now: Timestamp) -> [String] {
    Array(
      ([eventLines, callbackLines, summary(now)] + subscribers.map(\.attemptLines))
        .filter { !$0.isEmpty }.joined(separator: [""]))
  }

  private var eventLines: [String] {
    var facts = FactList()
    facts.append("type", event.type)
    facts.append("time", event.time)
    facts.append("from", event.data?.from)
    facts.append("to", event.data?.to)
    facts.append("group", event.data?.group)
    facts.append("account", event.data?.account)
    facts.append("key", event.partitionkey)
    facts.append("sequence", HumanText.count(callback.sequence))
    return ["Event \(event.id)".printable] + facts.lines
  }

  private var callbackLines: [String] {
    var facts = FactList()
    facts.append("command", "\(callback.command), of app \(callback.sdkAppId)")
    facts.append("received", "\(callback.receivedAt) from \(callback.peer)")
    facts.append("became", HumanText.count(callback.events, "event"))
    facts.append("request id", callback.requestId)
    facts.append("traceparent", callback.traceparent)
    for check in callback.checks ?? [] { facts.append(check.name, check.result) }
    return ["Callback \(callback.id)".printable] + facts.lines
  }

  private func summary(_ now: Timestamp) -> [String] {
    guard !subscribers.isEmpty else { return ["There are no subscribers."] }
    var facts = FactList()
    for one in subscribers { facts.append(one.title, one.sentence(now)) }
    return ["Subscribers:"] + facts.lines
  }
}

extension AdminAPI.DeliveryStory {
  /// The subscriber, and of a replay which.
  fileprivate var title: String { [subscriber, replay].compactMap(\.self).joined(separator: ", ") }

  /// `retrying, in 5 m: the answer was 500`
  func sentence(_ now: Timestamp) -> String {
    let due = HumanText.relative(dueAt, now: now).map { ", \($0)" } ?? ""
    let letter = deadLetter.map { ", dead letter \($0)" } ?? ""
    return words + due + letter + (reason.map { ": \($0)" } ?? "")
  }

  private var words: String {
    switch state {
    case "in_flight": "being sent now"
    case "waiting": "its turn has not come"
    case "expired": "given up unread"
    case "not_wanted": "not for it"
    case "before_start": "accepted before the subscriber was known"
    case "removed": "no longer in the routes file"
    default: state
    }
  }

  fileprivate var attemptLines: [String] {
    attempts.isEmpty ? [] : ["Attempts at \(title), those kept:".printable] + AttemptTable.lines(attempts)
  }
}
