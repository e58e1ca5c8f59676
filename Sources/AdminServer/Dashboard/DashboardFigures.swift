import GatewayCore

/// The gateway at a glance: the figures on top of the dashboard, and the sentence above the subscribers.
struct DashboardFigures {
  let status: GatewayStatus
  let recent: RecentActivity?
  let now: Timestamp

  var values: [String: Any] {
    var values: [String: Any] = [
      "callbackRate": DashboardText.rate(recent?.callbacksPerSecond ?? 0),
      "eventRate": DashboardText.rate(recent?.eventsPerSecond ?? 0),
      "callbacks": DashboardText.count(status.callbacksAccepted),
      "deliveredRate": DashboardText.rate(recent?.deliveredPerSecond ?? 0),
      "delivered": DashboardText.count(sum(\.delivered)),
      "subscriberCount": DashboardText.plural(status.subscribers.count, "subscriber", "subscribers"),
      "isFresh": status.head == .first,
    ]
    for part in [acknowledgement, backlog, deadLetters, journal] { values.merge(part) { $1 } }
    return values
  }

  /// `6 subscribers: 1 open, 1 paused`; those that deliver are not worth a word.
  var summary: String {
    let total = DashboardText.plural(status.subscribers.count, "subscriber", "subscribers")
    let states = SubscriberState.allCases.filter { $0 != .closed }.compactMap { state -> String? in
      let count = status.subscribers.count { $0.state == state }
      return count > 0 ? "\(DashboardText.count(count)) \(SubscriberRow.word(state))" : nil
    }
    return states.isEmpty ? total : "\(total): \(states.joined(separator: ", "))"
  }

  private var acknowledgement: [String: Any] {
    guard let middle = recent?.acknowledgedP50, let high = recent?.acknowledgedP99 else {
      return ["ackP99": DashboardText.unknown, "ackP99Unit": ""]
    }
    let (number, unit) = DashboardText.timeParts(high)
    return ["ackP99": number, "ackP99Unit": " \(unit)", "ackP50": DashboardText.time(middle)]
  }

  private var backlog: [String: Any] {
    var values: [String: Any] = ["backlog": DashboardText.count(sum(\.backlogEvents))]
    if let oldest = status.subscribers.compactMap(\.oldestUndelivered).min() {
      values["oldest"] = DashboardText.age(now - oldest)
      if now - oldest >= .seconds(900) { values["backlogLevel"] = "bad" }
    }
    return values
  }

  private var deadLetters: [String: Any] {
    let subscribers = status.subscribers.count { $0.deadLetters > 0 }
    var values: [String: Any] = ["dead": DashboardText.count(sum(\.deadLetters))]
    if subscribers > 0 {
      values["deadAt"] = DashboardText.plural(subscribers, "subscriber", "subscribers")
      values["deadLevel"] = "fair"
    }
    return values
  }

  private var journal: [String: Any] {
    let (number, unit) = DashboardText.bytes(status.space.used)
    let (free, freeUnit) = DashboardText.bytes(status.space.free)
    let share = status.space.volume > 0 ? 1 - Double(status.space.free) / Double(status.space.volume) : 0
    let bounded = min(1, max(0, share))
    return [
      "journal": number, "journalUnit": " \(unit)", "free": status.space.isMeasured ? "\(free) \(freeUnit)" : "?",
      "head": DashboardText.plural(status.head - .first, "event", "events"),
      "volumeShare": String(Int(bounded * 100)), "volumeUsed": DashboardText.share(bounded),
    ]
  }

  private func sum(_ figure: (SubscriberStatus) -> Int) -> Int { status.subscribers.reduce(0) { $0 + figure($1) } }
}
