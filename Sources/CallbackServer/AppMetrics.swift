package import CoreMetrics
package import GatewayCore
import TencentChat

/// The series of one app; all of them exist, with zeros, as soon as the app is known.
package final class AppMetrics: Sendable {
  package let app: AppID
  let accepted: Counter
  let duplicate: Counter
  private let rejected: [RejectionReason: Counter]
  private let unsplit: [UnsplitReason: Counter]
  private let events: [EventType: Counter]

  package init(app: AppID, factory: any MetricsFactory) {
    func counter(_ family: MetricFamily, _ labels: [(String, String)] = []) -> Counter {
      Counter(label: family.name, dimensions: [("app", app.description)] + labels, factory: factory)
    }
    self.app = app
    accepted = counter(.callbacksAccepted)
    duplicate = counter(.callbacksDuplicate)
    rejected = Dictionary(
      uniqueKeysWithValues: RejectionReason.allCases.map {
        ($0, counter(.callbacksRejected, [("reason", $0.rawValue)]))
      })
    unsplit = Dictionary(
      uniqueKeysWithValues: UnsplitReason.allCases.map { ($0, counter(.callbacksUnsplit, [("reason", $0.rawValue)])) })
    let types = Set(EventCatalogue.entries.map(\.type)).union([.callback])
    events = Dictionary(uniqueKeysWithValues: types.map { ($0, counter(.eventsAccepted, [("type", $0.full)])) })
  }

  func countRejected(_ reason: RejectionReason) { rejected[reason]?.increment() }

  func countUnsplit(_ reason: UnsplitReason) { unsplit[reason]?.increment() }

  /// Every type that a reader gives is in the catalogue, or is `.callback`.
  func countEvents(_ count: Int, of type: EventType) { events[type]?.increment(by: count) }

  /// Takes all series of the app out of the exposition.
  func destroy() {
    for counter in [accepted, duplicate] + rejected.values + unsplit.values + events.values { counter.destroy() }
  }
}
