import Foundation
import GatewayCore

extension AdminAPI.Stats {
  /// A screen of it; nothing in it but colours acts on a terminal.
  func lines(at address: AdminAddress, now: Timestamp, coloured: Bool) -> [String] {
    ["Switchyard \(version) at \(address)".printable] + figures(now).lines + problemLines(coloured) + [""]
      + SubscriberTable.text(subscribers, now: now, coloured: coloured).components(separatedBy: "\n")
  }

  private func figures(_ now: Timestamp) -> FactList {
    var facts = FactList()
    facts.append("started", HumanText.relative(startedAt, now: now))
    facts.append(
      "callbacks",
      "\(HumanText.count(callbacks.accepted)) accepted, \(HumanText.count(callbacks.duplicate)) duplicate, "
        + "\(HumanText.count(callbacks.rejected)) rejected")
    facts.append("events", "\(HumanText.count(events.accepted)) accepted")
    facts.append("journal", journalText)
    facts.append("routes", "\(routes.fingerprint), loaded \(HumanText.relative(routes.loadedAt, now: now) ?? "")")
    facts.append("lately", recent?.text)
    return facts
  }

  private var journalText: String {
    let isMeasured = journal.freeBytes < JournalSpace.unknown
    let room = "\(HumanText.size(journal.freeBytes)) free of \(HumanText.size(journal.volumeBytes))"
    return "\(HumanText.size(journal.sizeBytes))\(isMeasured ? ", \(room)" : ""); the next event is "
      + HumanText.count(journal.head)
  }

  private func problemLines(_ coloured: Bool) -> [String] {
    guard !routes.problems.isEmpty else { return [] }
    let title = "The routes file was refused when it was last read, and an older one is in force:"
    return ["", Colour.red.paint(title, if: coloured)] + routes.problems.map { "  \($0)".printable }
  }
}

extension AdminAPI.Stats.Recent {
  fileprivate var text: String {
    let times = [("p50", acknowledgedP50Seconds), ("p99", acknowledgedP99Seconds)]
      .compactMap { name, seconds in seconds.map { "\(name) \(HumanText.duration(seconds: $0))" } }
    let answered = times.isEmpty ? "" : "; answered in \(times.joined(separator: ", "))"
    return "callbacks \(HumanText.rate(callbacksPerSecond)), events \(HumanText.rate(eventsPerSecond)), "
      + "delivered \(HumanText.rate(deliveredPerSecond)), over \(HumanText.span(seconds: windowSeconds))\(answered)"
  }
}
