import GatewayCore
import Testing

@Suite("A lane")
struct LaneStateMachineTests {
  private static let lane = LaneID(rawValue: 1)
  private let start = Timestamp(seconds: 1_000_000)
  private let success = AttemptResult(outcome: .success, status: 200, duration: .zero)
  private let failure = AttemptResult(outcome: .http5xx, status: 500, duration: .zero, error: "answered 500")

  private func machine(
    concurrency: Int = 2, delays: [Duration] = [.seconds(1), .seconds(5)], giveUpAfter: Duration = .seconds(60),
    cursor: Int64 = 1, retrying: Int = 0, isHeld: Bool = false
  ) -> LaneStateMachine {
    let record = LaneRecord(
      id: Self.lane, subscriber: "a", cursor: SequenceNumber(rawValue: cursor), clock: HeldClock(), forgetAt: nil)
    return LaneStateMachine(
      lane: record, held: LaneStateMachine.Held(counts: ExceptionCounts(retrying: retrying, waitingEvents: retrying)),
      settings: settings(concurrency: concurrency, delays: delays, giveUpAfter: giveUpAfter, isHeld: isHeld), now: start
    )
  }

  private func settings(
    concurrency: Int = 2, delays: [Duration] = [.seconds(1), .seconds(5)], giveUpAfter: Duration = .seconds(60),
    isHeld: Bool = false
  ) -> LaneSettings {
    LaneSettings(
      concurrency: concurrency, retry: RetryPolicy(delays: delays, jitter: 0, giveUpAfter: giveUpAfter),
      attemptTimeout: .seconds(10), isHeld: isHeld)
  }

  private func sequence(_ number: Int64) -> SequenceNumber { SequenceNumber(rawValue: number) }

  @Test("sends what it has scanned in order, no more at once than its concurrency")
  func boundsWhatIsInFlight() {
    var lane = machine(concurrency: 2)
    for number in 1...3 { lane.admit(sequence(Int64(number)), acceptedAt: start) }
    let first = lane.nextSend(now: start)
    let second = lane.nextSend(now: start)
    #expect(first?.sequence == sequence(1))
    #expect(second?.sequence == sequence(2))
    #expect(lane.nextSend(now: start) == nil)
    #expect(lane.finish(first!, result: success, now: start, fraction: 0.5) == .delivered)
    #expect(lane.nextSend(now: start)?.sequence == sequence(3))
  }

  @Test("never lets the cursor pass a delivery that is still in flight")
  func holdsTheCursor() {
    var lane = machine(concurrency: 2)
    for number in 1...2 { lane.admit(sequence(Int64(number)), acceptedAt: start) }
    let first = lane.nextSend(now: start)!
    let second = lane.nextSend(now: start)!
    _ = lane.finish(second, result: success, now: start, fraction: 0.5)
    #expect(lane.cursor == sequence(1))
    #expect(lane.takeSettlement(for: Self.lane) == nil)
    _ = lane.finish(first, result: success, now: start, fraction: 0.5)
    #expect(lane.takeSettlement(for: Self.lane)?.cursor == sequence(3))
  }

  @Test("writes a failed delivery as an exception in the settlement that moves the cursor past it")
  func writesExceptions() {
    var lane = machine()
    lane.admit(sequence(1), acceptedAt: start)
    let send = lane.nextSend(now: start)!
    #expect(lane.finish(send, result: failure, now: start, fraction: 0.5) == .retry(at: start + .seconds(1)))
    let settlement = lane.takeSettlement(for: Self.lane)
    #expect(settlement?.cursor == sequence(2))
    #expect(settlement?.written.map(\.first) == [sequence(1)])
    #expect(settlement?.written.first?.attempts == 1)
    #expect(settlement?.written.first?.dueAt == start + .seconds(1))
    #expect(settlement?.written.first?.lastError == "answered 500")
  }

  @Test("removes an exception whose retry is delivered, and numbers its attempts on")
  func removesExceptions() {
    var lane = machine(cursor: 10, retrying: 1)
    lane.admitRetries([exception(3, attempts: 4)])
    let send = lane.nextSend(now: start)!
    #expect(send.attempt == 5)
    #expect(!send.isFromWindow)
    #expect(lane.finish(send, result: success, now: start, fraction: 0.5) == .delivered)
    #expect(lane.retrying == 0)
    #expect(lane.takeSettlement(for: Self.lane)?.removed == [sequence(3)])
  }

  @Test("repeats the last delay, and makes the last attempt when patience ends")
  func schedulesRetries() {
    var lane = machine(cursor: 10, retrying: 1)
    var exception = exception(3, attempts: 7)
    exception.firstAttemptAt = start - .seconds(58)
    lane.admitRetries([exception])
    let send = lane.nextSend(now: start)!
    #expect(lane.finish(send, result: failure, now: start, fraction: 0.5) == .retry(at: start + .seconds(2)))
  }

  @Test("gives a delivery up when its patience has run out, and keeps the last error")
  func givesUp() {
    var lane = machine(cursor: 10, retrying: 1)
    var exception = exception(3, attempts: 7)
    exception.firstAttemptAt = start - .seconds(60)
    lane.admitRetries([exception])
    #expect(lane.finish(lane.nextSend(now: start)!, result: failure, now: start, fraction: 0.5) == .dead)
    let written = lane.takeSettlement(for: Self.lane)?.written.first
    #expect(written?.state == .dead)
    #expect(written?.endedAt == start)
    #expect(written?.lastError == "answered 500")
    #expect(lane.retrying == 0)
  }

  @Test("does not count the time in which it was held against a delivery", arguments: [true, false])
  func heldTimeIsFree(isHeld: Bool) {
    var lane = machine(giveUpAfter: .seconds(60), cursor: 10, retrying: 1)
    let later = start + .seconds(3600)
    if isHeld {
      lane.update(settings(isHeld: true), now: start)
      lane.update(settings(), now: later)
    }
    lane.admitRetries([exception(3, attempts: 1)])
    let verdict = lane.finish(lane.nextSend(now: later)!, result: failure, now: later, fraction: 0.5)
    #expect(verdict == (isHeld ? .retry(at: later + .seconds(5)) : .dead))
  }

  @Test("makes a dead letter at once of a permanent status", arguments: [400, 413, 415, 422])
  func permanentStatuses(status: Int) {
    var lane = machine()
    lane.admit(sequence(1), acceptedAt: start)
    let result = AttemptResult(outcome: .http4xx, status: status, duration: .zero, error: "answered \(status)")
    #expect(lane.finish(lane.nextSend(now: start)!, result: result, now: start, fraction: 0.5) == .dead)
  }

  @Test("sends nothing and stands still while it is held")
  func isHeld() {
    var lane = machine()
    lane.admit(sequence(1), acceptedAt: start)
    lane.update(settings(isHeld: true), now: start)
    #expect(lane.nextSend(now: start) == nil)
    #expect(lane.scanCapacity == 0)
    #expect(lane.retryCapacity == 0)
    lane.update(settings(), now: start)
    #expect(lane.nextSend(now: start)?.sequence == sequence(1))
  }

  @Test("takes first attempts and due retries in turn")
  func isFair() {
    var lane = machine(concurrency: 4, cursor: 10, retrying: 4)
    for number in 10...13 { lane.admit(sequence(Int64(number)), acceptedAt: start) }
    lane.admitRetries((1...4).map { exception(Int64($0), attempts: 1) })
    let sends = (1...4).compactMap { _ in lane.nextSend(now: start) }
    #expect(sends.count { !$0.isFromWindow } == 2)
  }

  @Test("makes no first attempt when there is no room for the row of a failure")
  func capsExceptions() {
    var lane = machine(cursor: 10, retrying: LaneStateMachine.Limit.retrying)
    lane.admit(sequence(10), acceptedAt: start)
    #expect(lane.nextSend(now: start) == nil)
    lane.admitRetries([exception(3, attempts: 1)])
    #expect(lane.nextSend(now: start)?.isFromWindow == false)
  }

  @Test("keeps what a settlement held until it is committed")
  func keepsOutstanding() {
    var lane = machine()
    lane.admit(sequence(1), acceptedAt: start)
    _ = lane.finish(lane.nextSend(now: start)!, result: failure, now: start, fraction: 0.5)
    let settlement = lane.takeSettlement(for: Self.lane)
    #expect(lane.takeSettlement(for: Self.lane) == nil)
    #expect(lane.heldExceptions == [sequence(1)])
    lane.settlementFailed()
    #expect(lane.takeSettlement(for: Self.lane) == settlement)
    lane.settlementCommitted()
    #expect(lane.heldExceptions.isEmpty)
    #expect(!lane.hasUnrecorded)
  }

  @Test("writes an old attempt out when it alone keeps a full window from moving on")
  func writesOutStragglers() {
    var lane = machine(concurrency: 2)
    var number: Int64 = 1
    while lane.scanCapacity > 0 {
      lane.admit(sequence(number), acceptedAt: start)
      number += 1
    }
    let straggler = lane.nextSend(now: start)!
    while let send = lane.nextSend(now: start) { _ = lane.finish(send, result: success, now: start, fraction: 0.5) }
    #expect(lane.cursor == sequence(1))
    lane.writeOutStragglers(now: start + .seconds(2))
    #expect(lane.cursor == sequence(number))
    #expect(lane.takeSettlement(for: Self.lane)?.written.map(\.first) == [sequence(1)])
    lane.settlementCommitted()
    #expect(lane.heldExceptions == [sequence(1)])
    #expect(lane.finish(straggler, result: success, now: start + .seconds(9), fraction: 0.5) == .delivered)
    #expect(lane.takeSettlement(for: Self.lane)?.removed == [sequence(1)])
    #expect(lane.retrying == 0)
  }

  @Test("records what it gives up as one expired range, and leaves attempts in flight to end")
  func expires() {
    var lane = machine(concurrency: 1, cursor: 10, retrying: 1)
    for number in 10...14 { lane.admit(sequence(Int64(number)), acceptedAt: start) }
    let inFlight = lane.nextSend(now: start)!
    let count = lane.expire(
      below: sequence(20), exceptions: [exception(3, attempts: 2)], unscanned: 4, acceptedAt: start, reason: "no room",
      now: start)
    #expect(count == 1 + 4 + 4)
    let settlement = lane.takeSettlement(for: Self.lane)
    #expect(settlement?.cursor == sequence(20))
    let range = settlement?.written.first { $0.state == .expired }
    #expect(range?.first == sequence(3))
    #expect(range?.last == sequence(19))
    #expect(range?.eventCount == 9)
    #expect(settlement?.written.contains { $0.first == sequence(10) && $0.state == .retrying } == true)
    #expect(lane.finish(inFlight, result: success, now: start, fraction: 0.5) == .delivered)
    #expect(lane.retrying == 0)
  }

  @Test("does not give up again what was delivered while the exceptions to give up were read")
  func expiryOvertaken() {
    var lane = machine(cursor: 10, retrying: 2)
    lane.admitRetries([exception(3, attempts: 1)])
    let send = lane.nextSend(now: start)!
    lane.beginExpiry()
    let read = [exception(3, attempts: 1), exception(4, attempts: 1)]
    #expect(lane.finish(send, result: success, now: start, fraction: 0.5) == .delivered)
    _ = lane.takeSettlement(for: Self.lane)
    lane.settlementCommitted()
    let count = lane.expire(
      below: sequence(10), exceptions: read, unscanned: 0, acceptedAt: start, reason: "no room", now: start)
    #expect(count == 1)
    #expect(lane.retrying == 0)
  }

  @Test("turns an unreadable batch into a dead letter and goes on behind it")
  func passesDamage() {
    var lane = machine()
    lane.admitDamaged(sequence(1), eventCount: 3, acceptedAt: start, reason: "damaged", now: start)
    lane.admit(sequence(4), acceptedAt: start)
    #expect(lane.nextSend(now: start)?.sequence == sequence(4))
    let settlement = lane.takeSettlement(for: Self.lane)
    #expect(settlement?.written.first?.state == .dead)
    #expect(settlement?.written.first?.last == sequence(3))
    #expect(settlement?.cursor == sequence(4))
  }

  private func exception(_ number: Int64, attempts: Int) -> DeliveryException {
    DeliveryException(
      first: sequence(number), last: sequence(number), state: .retrying, acceptedAt: start, attempts: attempts,
      dueAt: start, firstAttemptAt: start, endedAt: nil, lastError: "")
  }
}
