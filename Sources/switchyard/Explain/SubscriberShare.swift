import GatewayCore

/// Which events of a callback one subscriber gets, or why none.
struct SubscriberShare: Encodable {
  var name: String
  var format: String
  /// The indices of those that it gets, or that have it get the whole callback.
  var events: [Int]
  /// Why it does not get the others; nil if it gets all.
  var whyNot: String?
  /// What keeps them waiting.
  var waits: String?
}

extension SubscriberShare {
  /// Enough to know the list by.
  private static let namesShown = 5

  init(of subscriber: Subscriber, in batch: any DerivedBatch) {
    name = subscriber.name
    format = subscriber.format.rawValue
    waits = subscriber.paused ? "it is paused in the routes file" : nil
    let indices = 0..<batch.eventCount
    guard subscriber.wants(batch.kind) else {
      events = []
      whyNot = Self.whyNotWanted(batch.kind, by: subscriber)
      return
    }
    events = indices.filter { subscriber.matches(batch, at: $0) }
    let others = indices.filter { !subscriber.matches(batch, at: $0) }
    whyNot = others.isEmpty ? nil : Self.whyNotMatched(others, of: batch, by: subscriber)
  }

  private static func whyNotWanted(_ kind: EventKind, by subscriber: Subscriber) -> String {
    var reasons: [String] = []
    if let apps = subscriber.apps, !apps.contains(kind.app) {
      reasons.append("`apps` has \(list(apps.sorted())), not \(kind.app)")
    }
    if !subscriber.events.contains(where: { $0.matches(type: kind.type, command: kind.command) }) {
      reasons.append("`events` has \(list(subscriber.events)): nothing there matches \(kind.type)")
    }
    return reasons.joined(separator: "; ")
  }

  /// The conditions of `match` that do not hold, and for how many events.
  private static func whyNotMatched(
    _ indices: [Int], of batch: any DerivedBatch, by subscriber: Subscriber
  ) -> String {
    let reasons = (subscriber.match?.conditions ?? []).compactMap { condition -> String? in
      let field = condition.field
      let failing = indices.filter { index in
        !EventMatch([condition]).holds(for: { batch.text(of: $0, at: index) })
      }
      let absent = failing.count { batch.text(of: field, at: $0) == nil }
      var words: [String] = []
      if failing.count > absent {
        words.append("`\(field.rawValue)` of \(failing.count - absent) is none of \(list(condition.globs.map(\.text)))")
      }
      if absent > 0 { words.append("\(absent) without `\(field.rawValue)`") }
      return words.isEmpty ? nil : words.joined(separator: ", ")
    }
    return "`match` leaves out \(indices.count): " + reasons.joined(separator: "; ")
  }

  private static func list(_ names: some Collection<some Any>) -> String {
    let shown = names.prefix(namesShown).map { "\($0)" }.joined(separator: ", ")
    return names.count > namesShown ? "\(shown) and \(names.count - namesShown) more" : shown
  }
}
