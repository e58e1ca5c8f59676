import GatewayCore
import Testing

@Suite("A lane that crashes")
struct LaneCrashTests {
  /// What survives a crash: what settlements have recorded.
  private struct Recorded {
    var cursor = SequenceNumber.first
    var exceptions: [SequenceNumber: DeliveryException] = [:]

    mutating func commit(_ settlement: Settlement) {
      if let cursor = settlement.cursor { self.cursor = cursor }
      for first in settlement.removed { exceptions[first] = nil }
      for exception in settlement.written { exceptions[exception.first] = exception }
    }
  }

  private static let events = 3000

  @Test("delivers every event or makes a dead letter of it, whatever fails and whenever it ends", arguments: 1...20)
  func losesNothing(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    var recorded = Recorded()
    var delivered: Set<Int64> = []
    var now = Timestamp(seconds: 1_000_000)
    var crashes = 0
    while !isDone(recorded) {
      crashes += 1
      #expect(crashes < 1000, "the lane makes no progress")
      live(&recorded, &delivered, &now, &random)
    }
    let dead = Set(recorded.exceptions.values.filter { $0.state == .dead }.map(\.first.rawValue))
    let all = Set((1...Int64(Self.events)))
    #expect(delivered.union(dead) == all)
    #expect(crashes > 2)
  }

  private func isDone(_ recorded: Recorded) -> Bool {
    recorded.cursor.rawValue > Int64(Self.events) && !recorded.exceptions.values.contains { $0.state == .retrying }
  }

  /// One life of the process, up to a random end: whatever no settlement has recorded by then is forgotten.
  private func live(
    _ recorded: inout Recorded, _ delivered: inout Set<Int64>, _ now: inout Timestamp, _ random: inout SplitMix64
  ) {
    let record = LaneRecord(
      id: LaneID(rawValue: 1), subscriber: "a", cursor: recorded.cursor, clock: HeldClock(), forgetAt: nil)
    var lane = LaneStateMachine(
      lane: record,
      held: LaneStateMachine.Held(
        counts: ExceptionCounts(retrying: recorded.exceptions.values.count { $0.state == .retrying }),
        aboveCursor: recorded.exceptions.values.filter { $0.last >= recorded.cursor }),
      settings: LaneSettings(
        concurrency: 8, retry: RetryPolicy(delays: [.milliseconds(10), .seconds(1)], giveUpAfter: .seconds(20)),
        attemptTimeout: .seconds(1), isHeld: false), now: now)
    var inFlight: [LaneSend] = []
    var outstanding: Settlement?
    for _ in 0..<Int.random(in: 50...2000, using: &random) {
      now = now + .milliseconds(Int.random(in: 0...20, using: &random))
      switch Int.random(in: 0..<8, using: &random) {
      case 0: scan(&lane)
      case 1: loadRetries(&lane, recorded, now)
      case 2, 3: if let send = lane.nextSend(now: now) { inFlight.append(send) }
      case 4, 5:
        guard !inFlight.isEmpty else { break }
        let send = inFlight.remove(at: Int.random(in: 0..<inFlight.count, using: &random))
        finish(send, &lane, &delivered, now, &random)
      case 6:
        if let settlement = outstanding {
          outstanding = nil
          if Bool.random(using: &random) {
            recorded.commit(settlement)
            lane.settlementCommitted()
          } else {
            lane.settlementFailed()
          }
        } else {
          outstanding = lane.takeSettlement(for: record.id)
        }
      default: lane.writeOutStragglers(now: now)
      }
    }
    // A commit may be on disk without anybody having been told.
    if let outstanding, Bool.random(using: &random) { recorded.commit(outstanding) }
  }

  private func scan(_ lane: inout LaneStateMachine) {
    var room = min(lane.scanCapacity, 50)
    while room > 0, lane.scanned.rawValue <= Int64(Self.events) {
      lane.admit(lane.scanned, acceptedAt: Timestamp(seconds: 1_000_000))
      room -= 1
    }
  }

  private func loadRetries(_ lane: inout LaneStateMachine, _ recorded: Recorded, _ now: Timestamp) {
    let held = lane.heldExceptions
    let due = recorded.exceptions.values
      .filter { $0.state == .retrying && $0.dueAt <= now && !held.contains($0.first) }
      .sorted { $0.dueAt < $1.dueAt }
    lane.admitRetries(Array(due.prefix(lane.retryCapacity)))
  }

  private func finish(
    _ send: LaneSend, _ lane: inout LaneStateMachine, _ delivered: inout Set<Int64>, _ now: Timestamp,
    _ random: inout SplitMix64
  ) {
    let isGood = Int.random(in: 0..<3, using: &random) > 0
    let result = AttemptResult(
      outcome: isGood ? .success : .http5xx, status: isGood ? 200 : 500, duration: .zero, error: isGood ? nil : "500")
    if lane.finish(send, result: result, now: now, fraction: 0.5) == .delivered {
      delivered.insert(send.sequence.rawValue)
    }
  }
}
