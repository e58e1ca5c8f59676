package import CoreMetrics
package import GatewayCore
import Synchronization
import TencentChat

/// What the door counts: the families of the metrics endpoint, and the totals that the admin API shows.
///
/// An app that only reports foreign addresses (`allow_ips_mode: report`) has such callbacks counted under
/// `ip_not_allowed` in the rejected family, the one that names the reason, although they pass; the totals count only
/// what was in fact refused.
package final class CallbackMetrics: Sendable {
  private let factory: any MetricsFactory
  private let rejectedUnknown: [RejectionReason: Counter]
  private let ackDuration: Recorder
  private let unjournaled: [String: Counter]
  private let accepted = Atomic<Int>(0)
  private let duplicate = Atomic<Int>(0)
  private let rejected = Atomic<Int>(0)
  private let events = Atomic<Int>(0)

  package init(factory: any MetricsFactory) {
    self.factory = factory
    rejectedUnknown = Dictionary(
      uniqueKeysWithValues: RejectionReason.ofUnknownApps.map { reason in
        let labels = [("app", "unknown"), ("reason", reason.rawValue)]
        return (reason, Counter(label: MetricFamily.callbacksRejected.name, dimensions: labels, factory: factory))
      })
    unjournaled = Dictionary(
      uniqueKeysWithValues: EventCatalogue.questions.map { command in
        let labels = [("command", command)]
        return (command, Counter(label: MetricFamily.decisionsUnjournaled.name, dimensions: labels, factory: factory))
      })
    ackDuration = Recorder(
      label: MetricFamily.ackDuration.name, dimensions: [], aggregate: true, factory: factory)
  }

  package func makeApp(_ app: AppID) -> AppMetrics { AppMetrics(app: app, factory: factory) }

  /// Since the start of the process.
  package var totals: (accepted: Int, duplicate: Int, rejected: Int, events: Int) {
    (
      accepted.load(ordering: .relaxed), duplicate.load(ordering: .relaxed), rejected.load(ordering: .relaxed),
      events.load(ordering: .relaxed)
    )
  }

  /// - Parameter app: Nil while it is not known.
  func countRefused(_ reason: RejectionReason, app: AppMetrics?) {
    rejected.add(1, ordering: .relaxed)
    guard let app else {
      rejectedUnknown[reason]?.increment()
      return
    }
    app.countRejected(reason)
  }

  func countReportedAddress(of app: AppMetrics) { app.countRejected(.ipNotAllowed) }

  /// A callback that is on disk, or that holds nothing to put there.
  func countAccepted(_ callback: ReadCallback, of app: AppMetrics) {
    accepted.add(1, ordering: .relaxed)
    app.accepted.increment()
    if let reason = callback.unsplitReason { app.countUnsplit(reason) }
    guard let batch = callback.batch else { return }
    events.add(batch.eventCount, ordering: .relaxed)
    app.countEvents(batch.eventCount, of: batch.kind.type)
  }

  func countDuplicate(of app: AppMetrics) {
    duplicate.add(1, ordering: .relaxed)
    app.duplicate.increment()
  }

  /// A question was answered before its callback was known to be on disk.
  func countUnjournaled(before command: String) { unjournaled[command]?.increment() }

  func recordAck(_ duration: Duration) { ackDuration.record(duration.inSeconds) }
}
