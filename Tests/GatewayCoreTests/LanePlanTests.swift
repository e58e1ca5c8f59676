import GatewayCore
import Testing

@Suite("The plan of who works which lane")
struct LanePlanTests {
  private static let (a, b, c) = (GatewayID(rawValue: 1), GatewayID(rawValue: 2), GatewayID(rawValue: 3))

  private static func names(_ count: Int) -> [String] { (0..<count).map { "s\(100 + $0)" } }

  private static func table(_ gateways: [GatewayID: [String]], owned: [String: GatewayID] = [:]) -> LeaseTable {
    LeaseTable(
      gateways: gateways.map { id, subscribers in
        let presence = GatewayPresence(fingerprint: "0", subscribers: subscribers.sorted(), name: "\(id)")
        return LeaseTable.Gateway(id: id, presence: presence)
      }.sorted { $0.id < $1.id },
      lanes: Dictionary(
        uniqueKeysWithValues: Set(gateways.values.joined()).union(owned.keys).map { name in
          (name, LeaseTable.Lane(owner: owned[name].flatMap { gateways[$0] == nil ? nil : $0 }, epoch: 1))
        }))
  }

  /// What comes of it when every gateway does what it is to do, round by round.
  private static func settled(_ gateways: [GatewayID: [String]], owned: [String: GatewayID] = [:])
    -> (owned: [String: GatewayID], moves: Int)
  {
    var (owned, moves) = (owned, 0)
    for _ in 0..<10 {
      let table = table(gateways, owned: owned)
      let plan = LanePlan(table)
      for gateway in gateways.keys {
        for name in plan.surplus(of: gateway, in: table) { (owned[name], moves) = (nil, moves + 1) }
        for name in plan.claims(of: gateway, in: table) { owned[name] = gateway }
      }
    }
    let last = Self.table(gateways, owned: owned)
    for gateway in gateways.keys {
      #expect(LanePlan(last).surplus(of: gateway, in: last).isEmpty)
      #expect(LanePlan(last).claims(of: gateway, in: last) == owned.filter { $0.value == gateway }.keys.sorted())
    }
    return (owned, moves)
  }

  private static func loads(_ owned: [String: GatewayID]) -> [GatewayID: Int] {
    Dictionary(grouping: owned.values) { $0 }.mapValues(\.count)
  }

  @Test("gives one gateway everything")
  func alone() {
    let names = Self.names(7)
    let table = Self.table([Self.a: names])
    let plan = LanePlan(table)
    #expect(plan.claims(of: Self.a, in: table) == names)
    #expect(plan.surplus(of: Self.a, in: table).isEmpty)
    #expect(plan.claims(of: Self.b, in: table).isEmpty)
  }

  @Test("spreads lanes that nobody owns evenly", arguments: [0, 1, 2, 3, 10, 1000])
  func spreads(_ count: Int) {
    let names = Self.names(count)
    let (owned, moves) = Self.settled([Self.a: names, Self.b: names, Self.c: names])
    #expect(owned.count == count)
    #expect(moves == 0)
    for gateway in [Self.a, Self.b, Self.c] {
      let load = Self.loads(owned)[gateway] ?? 0
      #expect(load == count / 3 || load == (count + 2) / 3)
    }
  }

  @Test("moves no more than the fair share to a gateway that comes")
  func comes() {
    let names = Self.names(11)
    let before = Self.settled([Self.a: names, Self.b: names]).owned
    let (after, moves) = Self.settled([Self.a: names, Self.b: names, Self.c: names], owned: before)
    #expect(Self.loads(after).values.sorted() == [3, 4, 4])
    #expect(moves == Self.loads(after)[Self.c])
    for name in names where after[name] != Self.c { #expect(after[name] == before[name]) }
  }

  @Test("moves only the lanes of a gateway that goes")
  func goes() {
    let names = Self.names(12)
    let before = Self.settled([Self.a: names, Self.b: names, Self.c: names]).owned
    let (after, moves) = Self.settled([Self.a: names, Self.c: names], owned: before)
    #expect(moves == 0)
    #expect(Self.loads(after) == [Self.a: 6, Self.c: 6])
    for name in names where before[name] != Self.b { #expect(after[name] == before[name]) }
  }

  @Test("has a lane wait until its owner has let go of it")
  func waits() {
    let names = Self.names(4)
    let table = Self.table(
      [Self.a: names, Self.b: names], owned: [names[0]: Self.a, names[1]: Self.a, names[2]: Self.a])
    let plan = LanePlan(table)
    #expect(plan.claims(of: Self.b, in: table) == [names[3]])
    #expect(plan.surplus(of: Self.a, in: table).count == 1)
    #expect(plan.claims(of: Self.a, in: table).count == 2)
  }

  @Test("runs a lane only where its subscriber is in the routes")
  func routes() {
    let names = Self.names(9)
    let (owned, _) = Self.settled(
      [Self.a: names, Self.b: Array(names.prefix(2))],
      owned: Dictionary(uniqueKeysWithValues: names.map { ($0, Self.a) }))
    #expect(owned.count == 9)
    #expect(Set(owned.filter { $0.value == Self.b }.keys) == Set(names.prefix(2)))
    let without = Self.settled([Self.a: Array(names.dropFirst()), Self.b: []], owned: owned).owned
    #expect(Self.loads(without) == [Self.a: 8])
    #expect(without[names[0]] == nil)
  }

  @Test("lets go of a lane that is in nobody's routes")
  func nobody() {
    let table = Self.table([Self.a: ["x"], Self.b: ["x"]], owned: ["x": Self.a, "gone": Self.a])
    let plan = LanePlan(table)
    #expect(plan.owners == ["x": Self.a])
    #expect(plan.surplus(of: Self.a, in: table) == ["gone"])
  }

  @Test("settles whatever the routes and owners are, and leaves nothing that could be worked unowned")
  func settles() {
    var random = SplitMix64(seed: 7)
    for _ in 0..<200 {
      let names = Self.names(Int.random(in: 0...30, using: &random))
      var gateways: [GatewayID: [String]] = [:]
      for number in 1...UInt64(Int.random(in: 1...4, using: &random)) {
        gateways[GatewayID(rawValue: number)] = names.filter { _ in Int.random(in: 0...3, using: &random) > 0 }
      }
      var owned: [String: GatewayID] = [:]
      for name in names { owned[name] = GatewayID(rawValue: .random(in: 1...5, using: &random)) }
      let after = Self.settled(gateways, owned: owned.filter { gateways[$0.value] != nil }).owned
      #expect(Set(after.keys) == Set(gateways.values.joined()))
      for (name, owner) in after { #expect(gateways[owner]?.contains(name) == true) }
    }
  }
}
