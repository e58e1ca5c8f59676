import GatewayCore
import Synchronization

/// The leases of gateways that share a journal, in memory.
final class FakeLeaseTable: Sendable {
  struct Owned { var owner: GatewayID?, epoch: Int64 = 0 }

  struct State {
    var gateways: [GatewayID: (presence: GatewayPresence, until: ContinuousClock.Instant)] = [:]
    var lanes: [String: Owned] = [:]
    var subscribers: [LaneID: String] = [:]
    var orders: [(order: LaneOrder, answer: [UInt8]?)] = []
    var lastOrder: Int64 = 0
    var stale = 0

    func isLive(_ id: GatewayID?) -> Bool { id.flatMap { gateways[$0] }.map { $0.until > .now } ?? false }
  }

  let state = Mutex(State())
  private let heads = Mutex<[JournalHead]>([])
  let journal: any Journal

  init(_ journal: any Journal) {
    self.journal = journal
    journal.head.observe { [self] kinds in spread(kinds) }
  }

  /// The journal's end as one more gateway sees it.
  func head() -> JournalHead {
    heads.withLock { heads in
      let head = JournalHead(next: journal.head.next, kinds: journal.head.kinds)
      heads.append(head)
      return head
    }
  }

  private func spread(_ kinds: Set<EventKind>) {
    heads.withLock { heads in
      let (all, next) = (journal.head.kinds, journal.head.next)
      for head in heads where head.next < next {
        let known = head.kinds
        let appended = kinds.compactMap { kind in
          all[kind].map { (kind: kind, end: $0.end, eventCount: $0.total - (known[kind]?.total ?? 0)) }
        }
        head.advance(to: next, appended: appended)
      }
    }
  }

  /// Settlements that came under an epoch that was over.
  var stale: Int { state.withLock { $0.stale } }
  /// Orders that are not forgotten.
  var orders: Int { state.withLock { $0.orders.count } }

  func owned(by gateway: GatewayID) -> Int {
    state.withLock { state in state.lanes.values.count { $0.owner == gateway } }
  }

  func owner(of subscriber: String) -> GatewayID? {
    state.withLock { state in state.lanes[subscriber]?.owner.flatMap { state.isLive($0) ? $0 : nil } }
  }
}

/// What one gateway asks of them.
final class FakeLeases: LaneLeases {
  let gateway: GatewayID
  let duration: Duration
  let head: JournalHead
  private let table: FakeLeaseTable
  private let isCutOff = Atomic(false)

  init(_ number: Int, _ table: FakeLeaseTable, duration: Duration) {
    gateway = GatewayID(rawValue: UInt64(number + 1))
    self.duration = duration
    self.table = table
    head = table.head()
  }

  /// Whether what it asks for fails.
  func cutOff(_ isCut: Bool) { isCutOff.store(isCut, ordering: .relaxed) }

  private func with<Value>(_ body: (inout sending FakeLeaseTable.State) -> sending Value) throws(JournalError) -> Value
  {
    guard !isCutOff.load(ordering: .relaxed) else { throw .unavailable("cut off by the test") }
    return table.state.withLock(body)
  }

  func renew(_ presence: GatewayPresence) async throws(JournalError) -> LeaseTable {
    let records = try await table.journal.lanes()
    return try with { [gateway, duration] state in
      state.gateways[gateway] = (presence, .now + duration)
      for record in records where record.replay == nil && state.lanes[record.subscriber] == nil {
        state.lanes[record.subscriber] = FakeLeaseTable.Owned()
      }
      state.gateways = state.gateways.filter { $0.value.until > .now }
      let gateways = state.gateways.map { LeaseTable.Gateway(id: $0.key, presence: $0.value.presence) }
      let live = state
      return LeaseTable(
        gateways: gateways.sorted { $0.id < $1.id },
        lanes: state.lanes.mapValues { .init(owner: live.isLive($0.owner) ? $0.owner : nil, epoch: $0.epoch) },
        orders: state.orders.filter { $0.answer == nil && live.lanes[$0.order.subscriber]?.owner == gateway }
          .map(\.order))
    }
  }

  func claim(_ subscribers: [String]) async throws(JournalError) -> [LaneRecord] {
    let claimed = try with { [gateway] state in
      var claimed: Set<String> = []
      for name in subscribers {
        guard var lane = state.lanes[name], lane.owner == gateway || !state.isLive(lane.owner) else { continue }
        (lane.owner, lane.epoch) = (gateway, lane.epoch + 1)
        state.lanes[name] = lane
        claimed.insert(name)
      }
      return claimed
    }
    return marked(try await table.journal.lanes().filter { $0.replay == nil && claimed.contains($0.subscriber) })
  }

  func release(_ subscribers: [String]) async throws(JournalError) {
    try with { [gateway] state in
      for name in subscribers where state.lanes[name]?.owner == gateway { state.lanes[name]?.owner = nil }
    }
  }

  func leave() async throws(JournalError) {
    try with { [gateway] state in
      for name in state.lanes.keys where state.lanes[name]?.owner == gateway { state.lanes[name]?.owner = nil }
      state.gateways[gateway] = nil
    }
  }

  func post(_ order: [UInt8], to subscriber: String) async throws(JournalError) -> LaneOrderID {
    try with { state in
      state.lastOrder += 1
      let id = LaneOrderID(rawValue: state.lastOrder)
      state.orders.append((LaneOrder(id: id, subscriber: subscriber, body: order), nil))
      return id
    }
  }

  func answer(_ order: LaneOrderID, _ answer: [UInt8]) async throws(JournalError) {
    try with { state in
      guard let index = state.orders.firstIndex(where: { $0.order.id == order }) else { return }
      state.orders[index].answer = answer
    }
  }

  func takeAnswer(to order: LaneOrderID) async throws(JournalError) -> [UInt8]? {
    try with { state in
      guard let index = state.orders.firstIndex(where: { $0.order.id == order }),
        let answer = state.orders[index].answer
      else { return nil }
      state.orders.remove(at: index)
      return answer
    }
  }

  /// The records with the epochs of their subscribers' lanes.
  func marked(_ records: [LaneRecord]) -> [LaneRecord] {
    table.state.withLock { state in
      records.map { record in
        var record = record
        record.epoch = state.lanes[record.subscriber]?.epoch ?? 0
        state.subscribers[record.id] = record.subscriber
        return record
      }
    }
  }

  func check(_ settlement: Settlement) throws(JournalError) {
    let isStale = table.state.withLock { state in
      guard let name = state.subscribers[settlement.lane], settlement.epoch == state.lanes[name]?.epoch else {
        state.stale += 1
        return true
      }
      return false
    }
    if isStale { throw .refused("the lane is another gateway's") }
  }
}
