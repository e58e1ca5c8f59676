import CoreMetrics
import GatewayCore
import Synchronization

/// Sets the gauges from a status, just before they are read.
final class StatusGauges: Sendable {
  private struct SubscriberGauges {
    var inFlight: Gauge
    var backlog: Gauge
    var oldest: Gauge
    var retries: Gauge
    var deadLetters: Gauge
    var states: [SubscriberState: Gauge]
    var owner: String
    var info: Gauge

    var all: [Gauge] { [inFlight, backlog, oldest, retries, deadLetters, info] + states.values }
  }

  private let factory: any MetricsFactory
  private let size: Gauge
  private let free: Gauge
  private let gateways: Gauge
  private let fingerprints: Gauge
  private let lanesOwned: Gauge
  private let subscribers = Mutex<[String: SubscriberGauges]>([:])

  init(version: String, factory: any MetricsFactory) {
    self.factory = factory
    size = Gauge(label: MetricFamily.journalSize.name, factory: factory)
    free = Gauge(label: MetricFamily.journalFree.name, factory: factory)
    gateways = Gauge(label: MetricFamily.gateways.name, factory: factory)
    fingerprints = Gauge(label: MetricFamily.routesFingerprints.name, factory: factory)
    lanesOwned = Gauge(label: MetricFamily.lanesOwned.name, factory: factory)
    Gauge(label: MetricFamily.buildInfo.name, dimensions: [("version", version)], factory: factory).record(1)
  }

  func show(_ status: GatewayStatus) {
    size.record(status.space.used)
    free.record(status.space.isMeasured ? Double(status.space.free) : .nan)
    gateways.record(status.fleet.gateways)
    fingerprints.record(status.fleet.fingerprints)
    lanesOwned.record(status.fleet.lanesOwned)
    // Those of a subscriber come from the gateway that works it, and from no other.
    let worked = status.subscribers.filter(\.isWorkedHere)
    subscribers.withLock { known in
      let names = Set(worked.map(\.name))
      for (name, gauges) in known where !names.contains(name) {
        for gauge in gauges.all { gauge.destroy() }
        known[name] = nil
      }
      for subscriber in worked {
        let owner = subscriber.owner ?? ""
        if let gauges = known[subscriber.name], gauges.owner != owner { gauges.info.destroy() }
        let gauges = known[subscriber.name].flatMap { $0.owner == owner ? $0 : nil } ?? make(subscriber.name, owner)
        known[subscriber.name] = gauges
        set(gauges, subscriber)
      }
    }
  }

  private func make(_ name: String, _ owner: String) -> SubscriberGauges {
    func gauge(_ family: MetricFamily, _ extra: [(String, String)] = []) -> Gauge {
      Gauge(label: family.name, dimensions: [("subscriber", name)] + extra, factory: factory)
    }
    return SubscriberGauges(
      inFlight: gauge(.deliveriesInFlight), backlog: gauge(.backlog), oldest: gauge(.oldestUndelivered),
      retries: gauge(.retriesWaiting), deadLetters: gauge(.deadLetters),
      states: Dictionary(
        uniqueKeysWithValues: SubscriberState.allCases.map { ($0, gauge(.subscriberState, [("state", $0.rawValue)])) }),
      owner: owner, info: gauge(.subscriberInfo, [("owner", owner)]))
  }

  private func set(_ gauges: SubscriberGauges, _ subscriber: SubscriberStatus) {
    gauges.inFlight.record(subscriber.inFlight)
    gauges.backlog.record(subscriber.backlogEvents)
    gauges.oldest.record(subscriber.oldestUndelivered.map { Double($0.milliseconds) / 1000 } ?? 0)
    gauges.retries.record(subscriber.retriesWaiting)
    gauges.deadLetters.record(subscriber.deadLetters)
    for (state, gauge) in gauges.states { gauge.record(state == subscriber.state ? 1 : 0) }
    gauges.info.record(1)
  }
}
