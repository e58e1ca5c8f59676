/// Which gateway should own which subscriber's lanes: every gateway computes the same from the same table.
///
/// A lane stays where it is as long as its gateway could work it and has not two more than another that could. One that
/// nobody owns goes to the gateway with the fewest of those that could work it, the lowest id first. So a table that is
/// balanced stays as it is, and a lane that nobody names is nobody's.
package struct LanePlan: Hashable, Sendable {
  /// Who should own each subscriber's lanes.
  package private(set) var owners: [String: GatewayID] = [:]

  private var loads: [GatewayID: Int]
  /// The gateways that could work a subscriber's lanes, lowest id first.
  private var candidates: [String: [GatewayID]] = [:]

  package init(_ table: LeaseTable) {
    loads = Dictionary(uniqueKeysWithValues: table.gateways.map { ($0.id, 0) })
    for gateway in table.gateways.sorted(by: { $0.id < $1.id }) {
      for subscriber in gateway.presence.subscribers { candidates[subscriber, default: []].append(gateway.id) }
    }
    for (subscriber, gateways) in candidates {
      guard let owner = table.lanes[subscriber]?.owner, gateways.contains(owner) else { continue }
      give(subscriber, to: owner)
    }
    // In an order that all agree on.
    for subscriber in candidates.keys.sorted() where owners[subscriber] == nil {
      if let gateway = leastLoaded(of: subscriber) { give(subscriber, to: gateway) }
    }
    balance()
  }

  /// What a gateway should claim: lanes that should be its own and are nobody else's.
  package func claims(of gateway: GatewayID, in table: LeaseTable) -> [String] {
    owners.filter { subscriber, owner in
      owner == gateway && table.lanes[subscriber]?.owner ?? gateway == gateway
    }.keys.sorted()
  }

  /// What a gateway should let go of: lanes that are its own and should not be.
  package func surplus(of gateway: GatewayID, in table: LeaseTable) -> [String] {
    table.lanes.filter { subscriber, lane in lane.owner == gateway && owners[subscriber] != gateway }.keys.sorted()
  }

  private mutating func give(_ subscriber: String, to gateway: GatewayID) {
    if let before = owners[subscriber] { loads[before, default: 0] -= 1 }
    owners[subscriber] = gateway
    loads[gateway, default: 0] += 1
  }

  private func leastLoaded(of subscriber: String) -> GatewayID? {
    candidates[subscriber]?.min { (loads[$0, default: 0], $0) < (loads[$1, default: 0], $1) }
  }

  /// Moves lanes one by one from those that have most, until nobody has two more than another that could work one of
  /// them. Each move makes the loads more alike, so there is an end.
  private mutating func balance() {
    var owned = Dictionary(grouping: owners.keys.sorted()) { owners[$0] ?? GatewayID(rawValue: 0) }
    while let (gateway, index, target) = nextMove(owned) {
      guard let subscriber = owned[gateway]?.remove(at: index) else { return }
      owned[target, default: []].append(subscriber)
      give(subscriber, to: target)
    }
  }

  private func nextMove(_ owned: [GatewayID: [String]]) -> (from: GatewayID, index: Int, to: GatewayID)? {
    let lowest = loads.values.min() ?? 0
    let heaviestFirst = loads.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
    for (gateway, load) in heaviestFirst where load >= lowest + 2 {
      var best: (index: Int, to: GatewayID, load: Int)?
      for (index, subscriber) in (owned[gateway] ?? []).enumerated() {
        guard let target = leastLoaded(of: subscriber), let targetLoad = loads[target], targetLoad + 2 <= load,
          targetLoad < best?.load ?? .max
        else { continue }
        best = (index, target, targetLoad)
        if targetLoad == lowest { break }
      }
      if let best { return (gateway, best.index, best.to) }
    }
    return nil
  }
}
