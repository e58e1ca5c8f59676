import GatewayCore
import Testing

/// A lane with a journal in memory and a receiver that answers as chance has it: what arrives, and in which order.
@Suite("The events of one key")
struct LaneOrderTests {
  private static let events: Int64 = 1500
  private static let keys: UInt64 = 40

  /// The key of an event: one of them is hot, some events have none.
  private static func key(of sequence: Int64) -> OrderingKey? {
    switch sequence % 10 {
    case 0...3: OrderingKey(rawValue: 7)
    case 4: nil
    default: OrderingKey(rawValue: UInt64(sequence) &* 2_654_435_761 % keys)
    }
  }

  /// What survives a crash, and what has arrived.
  private struct World {
    var cursor = SequenceNumber.first
    var exceptions: [SequenceNumber: DeliveryException] = [:]
    var now = LaneFixture.start
    /// Events in the order in which they first arrived, by key.
    var arrived: [OrderingKey: [Int64]] = [:]
    var seen: Set<Int64> = []
    var random: SplitMix64
    /// Whether now and then the oldest events are given up.
    var givesUp: Bool

    mutating func commit(_ settlement: Settlement) {
      if let cursor = settlement.cursor { self.cursor = cursor }
      for first in settlement.removed { exceptions[first] = nil }
      for exception in settlement.written { exceptions[exception.first] = exception }
    }

    /// The receiver sees them, whatever it then answers.
    mutating func receive(_ events: [SequenceNumber]) {
      for event in events where seen.insert(event.rawValue).inserted {
        if let key = LaneOrderTests.key(of: event.rawValue) { arrived[key, default: []].append(event.rawValue) }
      }
    }

    var isDone: Bool {
      cursor.rawValue > LaneOrderTests.events
        && !exceptions.values.contains { $0.state == .retrying || $0.state == .parked }
    }

    mutating func chance(_ one: Int) -> Bool { Int.random(in: 0..<one, using: &random) == 0 }
  }

  enum Form: CaseIterable, Sendable { case event, batch }

  @Test(
    "arrive first in the order of the journal and one at a time, whatever fails, crashes, is reloaded and given up",
    arguments: 1...16, Form.allCases)
  func keepTheirOrder(seed: UInt64, form: Form) {
    var world = World(random: SplitMix64(seed: seed), givesUp: seed.isMultiple(of: 2))
    var lives = 0
    while !world.isDone {
      lives += 1
      #expect(lives < 3000, "the lane makes no progress")
      guard lives < 3000 else { break }
      live(&world, form)
    }
    #expect(lives > 2 || world.givesUp)
    let dead = Set(world.exceptions.values.filter { $0.state == .dead }.flatMap { $0.members + [$0.first] })
    for (key, events) in world.arrived {
      #expect(events == events.sorted(), "key \(key.rawValue) was overtaken")
    }
    let expired = world.exceptions.values.filter { $0.state == .expired }
    let ended = Set((dead + expired.flatMap(\.events)).map(\.rawValue))
    #expect(world.seen.union(ended).count == Int(Self.events))
    // What has been seen may have been given up before that was recorded, but nothing else is counted.
    let unseen = Set(1...Self.events).subtracting(world.seen).subtracting(dead.map(\.rawValue)).count
    let given = expired.reduce(0) { $0 + $1.eventCount }
    #expect(given >= unseen && given <= Int(Self.events) - dead.count)
  }

  private func settings(_ world: inout World, _ form: Form) -> LaneSettings {
    .sample(
      concurrency: form == .batch ? 1 : Int.random(in: 1...20, using: &world.random),
      retry: RetryPolicy(delays: [.milliseconds(20), .milliseconds(500)], giveUpAfter: .seconds(5)),
      breaker: BreakerPolicy(openAfter: 6, probeEvery: .milliseconds(50)), isOrdered: true,
      batch: form == .batch ? BatchPolicy(maxEvents: 12, maxWait: .milliseconds(5)) : nil)
  }

  /// One life of the process, up to a random end: whatever no settlement has recorded by then is forgotten.
  private func live(_ world: inout World, _ form: Form) {
    let waiting = world.exceptions.values.filter { $0.state == .retrying || $0.state == .parked }
    let keyed = waiting.filter { !$0.keys.isEmpty }.sorted { $0.first < $1.first }.map { exception in
      var told = exception
      if told.state == .parked { told.members = [] }
      return told
    }
    let above = world.exceptions.values.filter { $0.last >= world.cursor }
    let record = LaneRecord(
      id: LaneFixture.id, subscriber: "a", cursor: world.cursor, clock: HeldClock(), forgetAt: nil)
    let counts = ExceptionCounts(
      retrying: waiting.count { $0.state == .retrying }, parkedRuns: waiting.count { $0.state == .parked },
      waitingEvents: waiting.reduce(0) { $0 + $1.eventCount })
    var lane = LaneStateMachine(
      lane: record, held: LaneStateMachine.Held(counts: counts, keyed: keyed, aboveCursor: above),
      settings: settings(&world, form), now: world.now)
    var inFlight: [LaneSend] = []
    var outstanding: Settlement?
    var turns: [ParkedTurn] = []
    let isBroken = world.chance(6)
    for _ in 0..<Int.random(in: 20...1500, using: &world.random) {
      world.now = world.now + .milliseconds(Int.random(in: 0...4, using: &world.random))
      lane.tick(now: world.now)
      switch Int.random(in: 0..<12, using: &world.random) {
      case 0: scan(&lane, world)
      case 1: loadRetries(&lane, world)
      case 2: turns += lane.takeRunTurns()
      case 3: load(&turns, &lane, &world)
      case 4, 5, 6:
        guard let send = lane.nextSend(now: world.now) else { break }
        check(send, against: inFlight)
        inFlight.append(send)
      case 7, 8, 9:
        guard !inFlight.isEmpty else { break }
        let send = inFlight.remove(at: Int.random(in: 0..<inFlight.count, using: &world.random))
        answer(send, &lane, &world, isBroken: isBroken)
      case 10:
        if let settlement = outstanding {
          outstanding = nil
          if world.chance(5) {
            lane.settlementFailed()
          } else {
            world.commit(settlement)
            lane.settlementCommitted()
          }
        } else {
          outstanding = lane.takeSettlement(for: record.id)
        }
      default:
        lane.writeOutStragglers(now: world.now, isFull: world.chance(3))
        if world.chance(20) { lane.update(settings(&world, form), now: world.now) }
        if world.givesUp, world.chance(25) { expire(&lane, &world) }
      }
    }
    // What is in flight may still arrive; a commit may be on disk without anybody having been told.
    for send in inFlight where world.chance(2) { world.receive(send.events) }
    if let outstanding, world.chance(2) { world.commit(outstanding) }
  }

  private func check(_ send: LaneSend, against inFlight: [LaneSend]) {
    let keys = Set(send.events.compactMap { Self.key(of: $0.rawValue) })
    let others = Set(inFlight.flatMap(\.events).compactMap { Self.key(of: $0.rawValue) })
    #expect(keys.isDisjoint(with: others), "two of one key are in flight")
    #expect(send.events == send.events.sorted())
  }

  private func scan(_ lane: inout LaneStateMachine, _ world: World) {
    var room = min(lane.scanCapacity, 60)
    while room > 0, lane.scanned.rawValue <= Self.events {
      let sequence = lane.scanned
      lane.admit(sequence, acceptedAt: world.now, key: Self.key(of: sequence.rawValue), now: world.now)
      room -= 1
    }
  }

  private func expire(_ lane: inout LaneStateMachine, _ world: inout World) {
    let end = SequenceNumber(rawValue: Self.events + 1)
    let limit = min(end, lane.cursor + Int.random(in: 0...20, using: &world.random))
    let read = world.exceptions.values.filter { $0.first < limit && $0.state != .expired && $0.state != .dead }
    lane.beginExpiry()
    _ = lane.expire(
      below: limit, exceptions: read.sorted { $0.first < $1.first }, unscanned: max(0, limit - lane.scanned),
      acceptedAt: world.now, reason: "no room", now: world.now)
  }

  private func loadRetries(_ lane: inout LaneStateMachine, _ world: World) {
    let held = lane.heldExceptions
    let loadable = world.exceptions.values.filter { $0.state == .retrying && !held.contains($0.first) }
    if let number = lane.probeToLoad(now: world.now) {
      let next = loadable.filter { $0.first > number }.min { $0.first < $1.first }
      lane.admitProbe(next ?? loadable.min { $0.first < $1.first }, now: world.now)
    } else {
      let due = loadable.filter { $0.dueAt <= world.now }.sorted { $0.dueAt < $1.dueAt }
      lane.admitRetries(Array(due.prefix(lane.retryCapacity)))
    }
  }

  private func load(_ turns: inout [ParkedTurn], _ lane: inout LaneStateMachine, _ world: inout World) {
    for turn in turns {
      let members = turn.members ?? world.exceptions[turn.first].map { $0.members.isEmpty ? [$0.first] : $0.members }
      guard let members, !world.chance(10) else {
        lane.runNotLoaded(turn)
        continue
      }
      let count = min(members.count, Int.random(in: 1...8, using: &world.random))
      _ = lane.admitRun(turn, members: members, loaded: Array(repeating: world.now, count: count))
    }
    turns = []
  }

  private func answer(_ send: LaneSend, _ lane: inout LaneStateMachine, _ world: inout World, isBroken: Bool) {
    let result: AttemptResult
    switch Int.random(in: 0..<20, using: &world.random) {
    case 0: result = .status(429, retryAfter: .milliseconds(30))
    case 1: result = send.events.count > 3 ? .status(413) : .status(500)
    case 2: result = .status(422)
    case 3, 4, 5: result = AttemptResult(outcome: .connect, duration: .zero, error: "refused")
    case 6, 7: result = .status(500)
    default: result = isBroken ? .status(503) : .success
    }
    if result.outcome != .connect { world.receive(send.events) }
    _ = lane.finish(send, result: result, now: world.now, fraction: 0.5)
  }
}
