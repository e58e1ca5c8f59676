import GatewayCore
import Testing

@Suite("What is parked")
struct LaneParkingTests {
  private func run(_ members: [Int64], key: UInt64) -> DeliveryException {
    DeliveryException(
      first: SequenceNumber(rawValue: members[0]), last: SequenceNumber(rawValue: members[members.count - 1]),
      eventCount: members.count, state: .parked, keys: [OrderingKey(rawValue: key)], acceptedAt: LaneFixture.start,
      attempts: 0, dueAt: LaneFixture.start, firstAttemptAt: LaneFixture.start, endedAt: nil, lastError: "")
  }

  private func lane(_ keyed: [DeliveryException], cursor: Int64, parkedRuns: Int, _ settings: LaneSettings)
    -> LaneStateMachine
  {
    let record = LaneRecord(
      id: LaneFixture.id, subscriber: "a", cursor: SequenceNumber(rawValue: cursor), clock: HeldClock(), forgetAt: nil)
    let held = LaneStateMachine.Held(
      counts: ExceptionCounts(parkedRuns: parkedRuns, waitingEvents: keyed.reduce(0) { $0 + $1.eventCount }),
      keyed: keyed,
      aboveCursor: keyed.filter { $0.last.rawValue >= cursor })
    return LaneStateMachine(lane: record, held: held, settings: settings, now: LaneFixture.start)
  }

  @Test("does not keep a lane from scanning what goes before it after a crash, however much it is")
  func capped() {
    let limit = LaneStateMachine.Limit.parkedRuns
    var machine = lane([run([20], key: 1)], cursor: 10, parkedRuns: limit, .sample(isOrdered: true))
    #expect(machine.scanCapacity > 0)
    for sequence in 10...20 as ClosedRange<Int64> {
      machine.admit(
        SequenceNumber(rawValue: sequence), acceptedAt: LaneFixture.start, key: OrderingKey(rawValue: 2))
    }
    #expect(machine.scanCapacity == 0)
    let turns = machine.takeRunTurns().map(\.first.rawValue)
    #expect(turns == [20])
  }

  @Test("goes in batches of several keys, each in its order")
  func batches() {
    let settings = LaneSettings.sample(
      concurrency: 1, isOrdered: true, batch: BatchPolicy(maxEvents: 5, maxWait: .zero))
    var machine = lane([run([1, 4, 6], key: 1), run([2, 3, 5, 7], key: 2)], cursor: 10, parkedRuns: 2, settings)
    let members: [UInt64: [Int64]] = [1: [1, 4, 6], 2: [2, 3, 5, 7]]
    for turn in machine.takeRunTurns() {
      let events = (members[turn.key.rawValue] ?? []).map(SequenceNumber.init(rawValue:))
      let isWanted = machine.admitRun(turn, members: events, loaded: events.map { _ in LaneFixture.start })
      #expect(isWanted)
    }
    let first = machine.nextSend(now: LaneFixture.start)
    #expect(first?.members.map(\.rawValue) == [1, 2, 3, 4, 6])
    let beside = machine.nextSend(now: LaneFixture.start)
    #expect(beside == nil)
    _ = machine.finish(first!, result: .success, now: LaneFixture.start, fraction: 0.5)
    let second = machine.nextSend(now: LaneFixture.start)
    #expect(second?.members.map(\.rawValue) == [5, 7])
    _ = machine.finish(second!, result: .success, now: LaneFixture.start, fraction: 0.5)
    let settlement = machine.takeSettlement(for: LaneFixture.id)
    #expect(settlement?.written.isEmpty == true)
    let removed = Set((settlement?.removed ?? []).map(\.rawValue))
    #expect(removed.isSuperset(of: [1, 2]))
    #expect((machine.parkedRuns, machine.waitingEvents) == (0, 0))
  }

  @Test("is what a lane that ends leaves of those that wait before others that were delivered")
  func ending() {
    var lane = LaneFixture(.sample(isOrdered: true))
    lane.admit(keys: [1, 1, 1, 2, 3])
    let sends = lane.sendAll()
    #expect(sends.map(\.sequence.rawValue) == [1, 4, 5])
    lane.finish(sends[0], .status(410))
    for send in sends.dropFirst() { lane.finish(send, .success) }
    lane.machine.writeOutWaiting(now: lane.now)
    let settlement = lane.settle()
    #expect(settlement?.cursor?.rawValue == 6)
    let written = settlement?.written.sorted { $0.first < $1.first } ?? []
    #expect(written.map(\.state) == [.retrying, .parked])
    #expect(written.map(\.attempts) == [0, 0])
    #expect(written.last?.members.map(\.rawValue) == [2, 3])
  }
}
