import GatewayCore
import PrometheusMetrics
import Testing

@testable import switchyard

@Suite("The gauges of a status")
struct StatusGaugesTests {
  private static func status(_ subscribers: [SubscriberStatus], fleet: GatewayFleet = GatewayFleet()) -> GatewayStatus {
    GatewayStatus(
      version: "1", startedAt: Timestamp(milliseconds: 0), head: .first,
      space: JournalSpace(used: 1, free: 2, volume: 3), routesFingerprint: "0",
      routesLoadedAt: Timestamp(milliseconds: 0), routesProblems: [], callbacksAccepted: 0, callbacksDuplicate: 0,
      callbacksRejected: 0, eventsAccepted: 0, subscribers: subscribers, fleet: fleet)
  }

  private static func subscriber(isWorkedHere: Bool) -> SubscriberStatus {
    SubscriberStatus(
      name: "a", url: nil, owner: nil, events: [], state: .closed, reason: nil, backlogEvents: 7,
      oldestUndelivered: nil, retriesWaiting: 0, deadLetters: 0, inFlight: 0, cursor: .first, delivered: 0, dead: 0,
      expired: 0, attempts: [:], isWorkedHere: isWorkedHere)
  }

  @Test("are of the subscribers that this gateway works, and go when another does")
  func owner() {
    let registry = PrometheusRegistry.gateway()
    let gauges = StatusGauges(version: "1", factory: registry)
    gauges.show(Self.status([Self.subscriber(isWorkedHere: true)]))
    #expect(registry.exposition(openMetrics: false).contains(#"switchyard_backlog_events{subscriber="a"} 7"#))
    gauges.show(Self.status([Self.subscriber(isWorkedHere: false)]))
    #expect(!registry.exposition(openMetrics: false).contains(#"subscriber="a""#))
    gauges.show(Self.status([Self.subscriber(isWorkedHere: true)]))
    #expect(registry.exposition(openMetrics: false).contains(#"switchyard_backlog_events{subscriber="a"} 7"#))
  }

  @Test("tell of the gateways that share the journal")
  func fleet() {
    let registry = PrometheusRegistry.gateway()
    let gauges = StatusGauges(version: "1", factory: registry)
    gauges.show(Self.status([], fleet: GatewayFleet(gateways: 3, fingerprints: 2, lanesOwned: 5)))
    let text = registry.exposition(openMetrics: false)
    for line in ["switchyard_gateways 3", "switchyard_routes_fingerprints 2", "switchyard_lanes_owned 5"] {
      #expect(text.contains(line + "\n"))
    }
  }
}
