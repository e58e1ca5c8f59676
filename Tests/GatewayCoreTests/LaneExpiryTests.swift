import GatewayCore
import Testing

/// Each number stands for an event of one pair, from 1.
@Suite("What a lane gives up")
struct LaneExpiryTests {
  private func number(_ value: Int64) -> SequenceNumber { SequenceNumber(rawValue: value) }

  private func expire(
    _ lane: inout LaneFixture, below limit: Int64, _ exceptions: [DeliveryException] = [], unscanned: Int = 0
  ) -> Int {
    lane.machine.beginExpiry()
    return lane.machine.expire(
      below: number(limit), exceptions: exceptions, unscanned: unscanned, acceptedAt: lane.now, reason: "no room",
      now: lane.now)
  }

  private func range(_ settlement: Settlement?) -> DeliveryException? {
    settlement?.written.first { $0.state == .expired }
  }

  /// A lane of key 1 whose first event is retried and whose others are parked, and what the journal has of them.
  private func parked(_ count: Int) -> (LaneFixture, [DeliveryException]) {
    var lane = LaneFixture(.sample(isOrdered: true))
    lane.admit(keys: [1])
    lane.finish(lane.send()!, .status(500))
    lane.admit(keys: Array(repeating: 1, count: count))
    let stored = lane.settle()!.written.sorted { $0.first < $1.first }
    return (lane, stored)
  }

  private func load(_ lane: inout LaneFixture, _ count: Int) {
    for turn in lane.machine.takeRunTurns() {
      _ = lane.machine.admitRun(
        turn, members: turn.members ?? [], loaded: Array(repeating: lane.now, count: count))
    }
  }

  @Test("leaves an attempt to end whose key has others waiting behind it, and gives those up")
  func behindAnAttempt() {
    var lane = LaneFixture(.sample(isOrdered: true))
    lane.admit(keys: [1, 1, 2, 1])
    let first = lane.send()!
    #expect(expire(&lane, below: 4) == 2)
    let settlement = lane.settle()
    #expect(settlement?.cursor == number(5))
    #expect(range(settlement)?.first == number(2))
    #expect(range(settlement)?.last == number(3))
    #expect(lane.machine.waitingEvents == 2)
    lane.finish(first, .success)
    #expect(lane.settle()?.removed == [number(1)])
    #expect(lane.machine.takeRunTurns().map(\.members) == [[number(4)]])
  }

  @Test("leaves a batch in flight to end, all of it")
  func batchInFlight() {
    var lane = LaneFixture(.sample(batch: BatchPolicy(maxEvents: 3, maxWait: .seconds(1))))
    lane.admit(5)
    let batch = lane.send()!
    #expect(expire(&lane, below: 6) == 2)
    let settlement = lane.settle()
    #expect(settlement?.written.first { $0.state == .retrying }?.members == [number(1), number(2), number(3)])
    #expect(range(settlement)?.first == number(4))
    #expect(lane.finish(batch, .success) == .delivered)
    #expect(lane.machine.waitingEvents == 0)
  }

  @Test("takes a batch that is retried as a whole, when all of it lies in the range")
  func retriedBatch() {
    var lane = LaneFixture(.sample(batch: BatchPolicy(maxEvents: 3, maxWait: .seconds(1))))
    lane.admit(3)
    lane.finish(lane.send()!, .status(500))
    let stored = lane.settle()!.written
    #expect(expire(&lane, below: 3, stored) == 0)
    #expect(lane.settle() == nil)
    #expect(expire(&lane, below: 4, stored) == 3)
    #expect(range(lane.settle())?.eventCount == 3)
    #expect(lane.machine.retrying == 0)
    #expect(lane.machine.waitingEvents == 0)
  }

  @Test("takes the retry and what is parked behind it, each counted once, and the key goes on")
  func parkedBehindARetry() {
    var (lane, stored) = parked(9)
    #expect(stored.map(\.eventCount) == [1, 9])
    #expect(expire(&lane, below: 6, stored) == 5)
    #expect(lane.machine.takeRunTurns().isEmpty, "not before it is recorded")
    let settlement = lane.settle()
    #expect(range(settlement)?.eventCount == 5)
    #expect(settlement?.written.first { $0.state == .parked }?.members == (6...10).map(number))
    #expect(Set(settlement?.removed ?? []) == [number(2)])
    #expect(lane.machine.waitingEvents == 5)
    #expect(lane.machine.retrying == 0)
    #expect(lane.machine.takeRunTurns().map(\.first) == [number(6)])
  }

  @Test("takes a whole run without knowing its members, and then another event of the key goes")
  func wholeRun() {
    var (lane, stored) = parked(3)
    for index in stored.indices { stored[index].members = [] }
    #expect(expire(&lane, below: 5, stored) == 4)
    lane.settle()
    #expect(lane.machine.parkedRuns == 0)
    #expect(lane.machine.waitingEvents == 0)
    lane.admit(keys: [1])
    #expect(lane.send()?.sequence == number(5))
  }

  @Test("leaves the head of a run that is in flight, and loads what is left of it anew")
  func headInFlight() {
    var (lane, stored) = parked(9)
    lane.wait(.seconds(2))
    lane.machine.admitRetries([stored[0]])
    lane.finish(lane.send()!, .success)
    lane.settle()
    load(&lane, 8)
    let head = lane.send()!
    #expect(head.sequence == number(2))
    #expect(expire(&lane, below: 6, [stored[1]]) == 3)
    #expect(range(lane.settle())?.first == number(3))
    lane.finish(head, .success)
    #expect(lane.send() == nil, "what was loaded has been given up")
    lane.settle()
    #expect(lane.machine.takeRunTurns().map(\.members) == [(6...10).map(number)])
    #expect(lane.machine.waitingEvents == 5)
  }

  @Test("counts what an exception stands for once, though a crash has left the cursor behind it")
  func behindTheCursor() {
    let held = DeliveryException(
      first: number(3), last: number(3), state: .retrying, acceptedAt: LaneFixture.start, attempts: 1,
      dueAt: LaneFixture.start, firstAttemptAt: LaneFixture.start, endedAt: nil, lastError: "")
    var dead = held
    dead.first = number(5)
    dead.last = number(5)
    dead.state = .dead
    var lane = LaneFixture(above: [held, dead])
    #expect(expire(&lane, below: 11, [held, dead], unscanned: 10) == 9)
    #expect(range(lane.settle())?.eventCount == 9)
  }

  @Test("goes on with a key after a crash where half of a run is left that lies beyond the cursor")
  func gate() {
    let run = DeliveryException(
      first: number(2), last: number(9), eventCount: 3, state: .parked, members: [number(2), number(4), number(9)],
      keys: [OrderingKey(rawValue: 1)], acceptedAt: LaneFixture.start, attempts: 0, dueAt: LaneFixture.start,
      firstAttemptAt: LaneFixture.start, endedAt: nil, lastError: "")
    var told = run
    told.members = []
    var lane = LaneFixture(.sample(isOrdered: true), keyed: [told], above: [run])
    #expect(expire(&lane, below: 5, [run], unscanned: 4) == 4)
    lane.settle()
    #expect(lane.machine.takeRunTurns().isEmpty)
    lane.machine.pass(to: number(10))
    #expect(lane.machine.takeRunTurns().map(\.members) == [[number(9)]])
  }

  @Test("lets the next of a key go only when it is recorded what was given up before it")
  func recordedFirst() {
    var lane = LaneFixture(.sample(isOrdered: true))
    lane.admit(keys: [1, 1])
    #expect(expire(&lane, below: 2) == 1)
    #expect(lane.send() == nil)
    lane.settle()
    #expect(lane.send()?.sequence == number(2))
  }

  @Test("is one row as long as one piece follows the other, and another one after a pause")
  func pieces() {
    var lane = LaneFixture()
    lane.admit(30)
    _ = expire(&lane, below: 11)
    lane.settle()
    _ = expire(&lane, below: 21)
    let joined = range(lane.settle())
    #expect(joined?.first == number(1))
    #expect(joined?.last == number(20))
    #expect(joined?.eventCount == 20)
    lane.wait(.seconds(600))
    _ = expire(&lane, below: 31)
    let later = range(lane.settle())
    #expect(later?.first == number(21))
    #expect(later?.eventCount == 10)
  }

  @Test("tells when the first of it was accepted")
  func acceptedAt() {
    var lane = LaneFixture()
    lane.admit(1)
    lane.wait(.seconds(5))
    lane.admit(1)
    _ = expire(&lane, below: 3)
    #expect(range(lane.settle())?.acceptedAt == LaneFixture.start)
  }
}
