import GatewayCore
import Testing

@Suite("A lane that an operator looks after")
struct LaneOperatingTests {
  @Test("sends nothing while it is paused, and goes on when it is resumed")
  func pausing() {
    var lane = LaneFixture()
    lane.admit(3)
    lane.machine.pause(now: lane.now)
    #expect(lane.machine.phase == .pausedByOperator(since: lane.now))
    #expect(lane.send() == nil)
    #expect(lane.machine.scanCapacity == 0)
    #expect(lane.machine.nextWake(now: lane.now) == nil)
    #expect(lane.settle()?.hold == LaneHold(pausedAt: lane.now))
    lane.wait(.seconds(86_400))
    #expect(lane.send() == nil)
    lane.machine.resume(now: lane.now)
    #expect(lane.machine.phase == .closed)
    #expect(lane.sendAll().count == 3)
    #expect(lane.settle()?.hold == LaneHold())
  }

  @Test("is paused since it was paused first, also under other settings and another URL")
  func staysPaused() {
    var lane = LaneFixture()
    let since = lane.now
    lane.machine.pause(now: since)
    lane.wait(.seconds(5))
    lane.machine.pause(now: lane.now)
    lane.machine.update(.sample(url: 2), now: lane.now)
    #expect(lane.machine.phase == .pausedByOperator(since: since))
  }

  @Test("begins paused where the journal says so")
  func beginsPaused() {
    var lane = LaneFixture(hold: LaneHold(pausedAt: LaneFixture.start))
    lane.admit(1)
    #expect(lane.send() == nil)
  }

  @Test("uses up no patience while it is paused")
  func patience() {
    let retry = RetryPolicy(delays: [.seconds(1)], jitter: 0, giveUpAfter: .seconds(60))
    var lane = LaneFixture(.sample(retry: retry))
    lane.admit(1)
    lane.finish(lane.send()!, .status(500))
    lane.machine.pause(now: lane.now)
    let exception = lane.settle()!.written[0]
    lane.wait(.seconds(3600))
    lane.machine.resume(now: lane.now)
    lane.machine.admitRetries([exception])
    guard case .retry = lane.finish(lane.send()!, .status(500)) else {
      Issue.record("it gave up")
      return
    }
  }

  @Test("resumed, ends a Retry-After, a 410 and an open breaker, and all that waits is due")
  func resuming() {
    for result in [AttemptResult.status(503, retryAfter: .seconds(600)), .status(410), .status(500)] {
      var lane = LaneFixture(.sample(breaker: BreakerPolicy(openAfter: 1, probeEvery: .seconds(600))))
      lane.admit(1)
      lane.finish(lane.send()!, result)
      #expect(lane.machine.phase != .closed)
      lane.machine.resume(now: lane.now)
      #expect(lane.machine.phase == .halfOpen)
      let settlement = lane.settle()
      #expect(settlement?.dueBy == lane.now)
      #expect(settlement?.written.allSatisfy { $0.dueAt <= lane.now } ?? false)
    }
  }

  @Test("resumed, records once more what the journal has not taken")
  func resumingFails() {
    var lane = LaneFixture()
    lane.machine.pause(now: lane.now)
    lane.settle()
    lane.machine.resume(now: lane.now)
    let moment = lane.now
    #expect(lane.machine.takeSettlement(for: LaneFixture.id)?.dueBy == moment)
    lane.machine.settlementFailed()
    lane.wait(.seconds(1))
    let again = lane.settle()
    #expect(again?.dueBy == moment)
    #expect(again?.hold == LaneHold())
    #expect(lane.settle() == nil)
  }

  @Test("takes dead letters back as if they had never been tried, marked with their replay")
  func reviving() {
    var lane = LaneFixture()
    lane.admit(1)
    lane.finish(lane.send()!, .status(422))
    var dead = lane.settle()!.written[0]
    dead.keys = [OrderingKey(rawValue: 7)]
    lane.wait(.seconds(600))
    let replay = ReplayID.random()
    let revived = lane.machine.revive([dead], as: replay, now: lane.now)
    #expect(lane.machine.retrying == 1)
    #expect(lane.machine.waitingEvents == 1)
    let written = lane.settle()!.written
    #expect(written == revived)
    #expect(written[0].state == .retrying)
    #expect(written[0].attempts == 0)
    #expect(written[0].dueAt == lane.now)
    #expect(written[0].endedAt == nil)
    #expect(written[0].keys.isEmpty)
    lane.machine.admitRetries(written)
    let send = lane.send()!
    #expect(send.replay == replay)
    #expect(send.attempt == 1)
    #expect(lane.finish(send, .success) == .delivered)
    #expect(lane.settle()?.removed == [dead.first])
    #expect(lane.machine.retrying == 0)
  }

  @Test("takes back neither what is not dead nor what is on its way already")
  func revivingOthers() {
    var lane = LaneFixture()
    lane.admit(2)
    lane.finish(lane.send()!, .status(422))
    let dead = lane.settle()!.written[0]
    var retrying = dead
    (retrying.first, retrying.last, retrying.state) = (
      SequenceNumber(rawValue: 9), SequenceNumber(rawValue: 9), .retrying
    )
    #expect(lane.machine.revive([retrying], as: .random(), now: lane.now).isEmpty)
    #expect(lane.machine.revive([dead], as: .random(), now: lane.now).count == 1)
    #expect(lane.machine.revive([dead], as: .random(), now: lane.now).isEmpty)
    #expect(lane.machine.retrying == 1)
  }

  @Test("does not give up what has been taken back since it was read to be given up")
  func revivingDuringExpiry() {
    var lane = LaneFixture()
    lane.admit(2)
    lane.finish(lane.send()!, .status(422))
    lane.finish(lane.send()!, .success)
    let dead = lane.settle()!.written[0]
    lane.machine.beginExpiry()
    #expect(lane.machine.revive([dead], as: .random(), now: lane.now).count == 1)
    lane.settle()
    let given = lane.machine.expire(
      below: SequenceNumber(rawValue: 3), exceptions: [dead], unscanned: 0, acceptedAt: lane.now, reason: "room",
      now: lane.now)
    #expect(given == 0)
    #expect(lane.settle() == nil)
    #expect(lane.machine.retrying == 1)
  }

  @Test("takes back no more than leaves room for what fails anew")
  func revivingMany() {
    var lane = LaneFixture()
    let dead = (1...(LaneStateMachine.Limit.revived + 5)).map { number in
      let sequence = SequenceNumber(rawValue: Int64(number))
      return DeliveryException(
        first: sequence, last: sequence, state: .dead, acceptedAt: lane.now, attempts: 1, dueAt: lane.now,
        firstAttemptAt: lane.now, endedAt: lane.now, lastError: "no")
    }
    #expect(lane.machine.revive(dead, as: .random(), now: lane.now).count == LaneStateMachine.Limit.revived)
    lane.admit(1)
    #expect(lane.send() != nil)
  }
}
