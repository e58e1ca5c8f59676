import GatewayCore

/// What the dashboard shows of one subscriber, and how.
struct SubscriberRow: Hashable, Sendable {
  let name: String
  /// By the names that the template has for them. What does not apply is absent.
  private let texts: [String: String]
  private let flags: [String: Bool]

  init(_ status: SubscriberStatus, _ activity: SubscriberActivity?, at now: Timestamp) {
    name = status.name
    var texts = Self.stateTexts(status)
    texts.merge(Self.activityTexts(status, activity)) { $1 }
    texts["name"] = status.name
    texts["owner"] = status.owner
    texts["url"] = status.url
    texts["shortURL"] = status.url.map(Self.short)
    texts["backlog"] = DashboardText.count(status.backlogEvents)
    if status.retriesWaiting > 0 { texts["retries"] = DashboardText.count(status.retriesWaiting) }
    let lag = status.oldestUndelivered.map { now - $0 }
    texts["lag"] = lag.map(DashboardText.age) ?? DashboardText.unknown
    texts["lagLevel"] = lag.flatMap(Self.level(ofLag:))
    texts["dead"] = DashboardText.count(status.deadLetters)
    texts["deadCount"] = String(status.deadLetters)
    self.texts = texts
    flags = [
      "hasDead": status.deadLetters > 0,
      "canPause": status.state != .paused && status.state != .misconfigured,
      "canResume": [.paused, .held, .open].contains(status.state),
    ]
  }

  /// What the template is filled with.
  var values: [String: Any] {
    var values: [String: Any] = texts
    for (name, flag) in flags { values[name] = flag }
    return values
  }

  /// The word that code, metrics and API have for a state.
  static func word(_ state: SubscriberState) -> String { state.rawValue.replacing("_", with: " ") }

  private static func stateTexts(_ status: SubscriberStatus) -> [String: String] {
    var texts = [
      "state": status.state.rawValue, "stateWord": word(status.state), "stateMeaning": meaning(status.state),
    ]
    texts["reason"] = status.reason
    return texts
  }

  private static func activityTexts(
    _ status: SubscriberStatus, _ activity: SubscriberActivity?
  ) -> [String: String] {
    let minutes = activity?.deliveredPerMinute ?? [Int](repeating: 0, count: MinuteCounts.minutes)
    let line = Sparkline(minutes)
    var texts = [
      "sparkLine": line.line, "sparkArea": line.area,
      "sparkText": "\(DashboardText.count(minutes.reduce(0, +))) delivered to \(status.name) in the last hour, "
        + "at most \(DashboardText.count(minutes.max() ?? 0)) in a minute",
      "rate": DashboardText.rate(activity?.deliveredPerSecond ?? 0),
      "success": activity?.successRate.map(DashboardText.share) ?? DashboardText.unknown,
      "p50": DashboardText.time(activity?.attemptP50), "p99": DashboardText.time(activity?.attemptP99),
    ]
    texts["successLevel"] = activity?.successRate.flatMap { $0 < 0.5 ? "bad" : $0 < 0.99 ? "fair" : nil }
    return texts
  }

  /// What the circuit breaker's words mean for who does not know them.
  private static func meaning(_ state: SubscriberState) -> String {
    switch state {
    case .closed: "delivers"
    case .halfOpen: "recovers"
    case .open: "fails, is probed"
    case .held: "asked to wait"
    case .paused: "nothing is sent"
    case .misconfigured: "nothing is sent"
    }
  }

  private static func level(ofLag lag: Duration) -> String? {
    lag >= .seconds(900) ? "bad" : lag >= .seconds(60) ? "fair" : nil
  }

  /// Without the scheme, which says little where there is little room.
  private static func short(_ url: String) -> String {
    for scheme in ["https://", "http://"] where url.hasPrefix(scheme) { return String(url.dropFirst(scheme.count)) }
    return url
  }
}
