import GatewayCore

/// Subscribers in rows, for `subscribers` and `stats`.
enum SubscriberTable {
  static func text(_ subscribers: [AdminAPI.Subscriber], now: Timestamp, coloured: Bool) -> String {
    guard !subscribers.isEmpty else { return "The routes file names no subscriber." }
    return lines(subscribers, now: now, coloured: coloured).joined(separator: "\n")
  }

  /// The table, and behind it a line for each that has something to be said of its state.
  static func lines(_ subscribers: [AdminAPI.Subscriber], now: Timestamp, coloured: Bool) -> [String] {
    var table = TextTable(
      "SUBSCRIBER", "STATE", ">BACKLOG", "OLDEST", ">RETRIES", ">DEAD", ">IN FLIGHT", ">DELIVERED", ">SUCCESS", ">P99",
      "URL")
    for one in subscribers {
      table.append(
        one.name, one.state, HumanText.count(one.backlogEvents), HumanText.relative(one.oldestUndelivered, now: now),
        HumanText.count(one.retriesWaiting), HumanText.count(one.deadLetters), HumanText.count(one.inFlight),
        one.recent.map { HumanText.rate($0.deliveredPerSecond) }, one.recent?.successRate.map(HumanText.share),
        one.recent?.attemptP99Seconds.map { HumanText.duration(seconds: $0) }, one.url)
    }
    let rows = zip(table.lines.dropFirst(), subscribers).map { row, one in
      colour(of: one.state)?.paint(row, if: coloured) ?? row
    }
    let reasons = subscribers.compactMap { one in one.reason.map { "\(one.name): \($0)".printable } }
    return table.lines.prefix(1) + rows + (reasons.isEmpty ? [] : [""] + reasons)
  }

  static func text(removed: [AdminAPI.RemovedSubscriber], now: Timestamp) -> String {
    guard !removed.isEmpty else { return "No subscriber has been removed from the routes file and is still known." }
    var table = TextTable("SUBSCRIBER", ">BEHIND", ">DEAD", "FORGOTTEN")
    for one in removed {
      table.append(
        one.name, HumanText.count(one.behindEvents), HumanText.count(one.deadLetters),
        HumanText.relative(one.forgetAt, now: now))
    }
    return table.text
  }

  /// Nil: as it should be.
  private static func colour(of state: String) -> Colour? {
    switch state {
    case "closed": nil
    case "half_open", "held", "paused": .yellow
    default: .red
    }
  }
}
