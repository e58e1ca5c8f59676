import GatewayCore
import Testing

@Suite("A lane whose receiver asks for something")
struct LaneHoldTests {
  @Test("sends nothing at all until Retry-After has passed, and then begins with one", arguments: [429, 503])
  func retryAfter(status: Int) {
    var lane = LaneFixture()
    lane.admit(30)
    let sends = lane.sendAll()
    #expect(sends.count == 16)
    let until = lane.now + .seconds(60)
    #expect(lane.finish(sends[0], .status(status, retryAfter: .seconds(60))) == .retry(at: until))
    #expect(lane.machine.phase == .held(until: until))
    for send in sends.dropFirst() { lane.finish(send, .success) }
    #expect(lane.settle()?.hold == LaneHold(until: until))
    lane.wait(.seconds(59))
    #expect(lane.send() == nil)
    #expect(lane.machine.scanCapacity == 0)
    #expect(lane.machine.retryCapacity == 0)
    #expect(lane.machine.nextWake(now: lane.now) == until)
    lane.wait(.seconds(1))
    #expect(lane.machine.phase == .halfOpen)
    #expect(lane.sendAll().count == 1)
    #expect(lane.settle()?.hold == LaneHold())
  }

  @Test("obeys no more than retry_after_max, and nothing that lies in the past")
  func isCapped() {
    let retry = RetryPolicy(delays: [.seconds(1)], jitter: 0, retryAfterMax: .seconds(100))
    var lane = LaneFixture(.sample(retry: retry))
    lane.admit(3)
    lane.finish(lane.send()!, .status(429, retryAfter: .zero))
    #expect(lane.machine.phase == .closed)
    lane.finish(lane.send()!, .status(429, retryAfter: .seconds(86_400)))
    #expect(lane.machine.phase == .held(until: lane.now + .seconds(100)))
  }

  @Test("does not take Retry-After from other answers", arguments: [500, 502, 301, 401])
  func otherStatuses(status: Int) {
    var lane = LaneFixture()
    lane.admit(1)
    lane.finish(lane.send()!, .status(status, retryAfter: .seconds(60)))
    #expect(lane.machine.phase == .closed)
  }

  @Test("is not taken to be down because it asks for time")
  func floods() {
    var lane = LaneFixture()
    lane.admit(100)
    for _ in 1...20 {
      for send in lane.sendAll() { lane.finish(send, .status(429, retryAfter: .seconds(1))) }
      #expect(lane.machine.phase == .held(until: lane.now + .seconds(1)))
      lane.wait(.seconds(1))
    }
    #expect(lane.machine.phase == .halfOpen)
    // The first round went out before it was known; since then it is one a time.
    #expect(lane.machine.retrying == 16 + 19)
  }

  @Test("holds on after a restart, and its clock stands still meanwhile")
  func heldRestart() {
    var lane = LaneFixture(hold: LaneHold(until: LaneFixture.start + .seconds(60)))
    lane.admit(1)
    #expect(lane.send() == nil)
    #expect(lane.settle()?.clock?.heldSince == LaneFixture.start)
    lane.wait(.seconds(60))
    #expect(lane.send() != nil)
  }

  @Test("pauses at 410 until it gets another URL; the event stays owed")
  func gone() {
    var lane = LaneFixture()
    lane.admit(3)
    let sends = lane.sendAll()
    #expect(lane.finish(sends[0], .status(410)) == .owed)
    #expect(lane.machine.phase == .gone)
    lane.finish(sends[1], .success)
    lane.finish(sends[2], .status(500))
    let settlement = lane.settle()
    #expect(settlement?.hold == LaneHold(goneURL: 1))
    #expect(settlement?.cursor == nil)
    lane.wait(.seconds(86_400))
    #expect(lane.send() == nil)
    lane.machine.update(.sample(concurrency: 3), now: lane.now)
    #expect(lane.send() == nil)
    lane.machine.update(.sample(url: 2), now: lane.now)
    #expect(lane.send()?.sequence == sends[0].sequence)
    #expect(lane.settle()?.hold == LaneHold())
  }

  @Test("goes on after 410 when it is paused in the routes file and taken out of that again")
  func resumed() {
    var lane = LaneFixture(hold: LaneHold(goneURL: 1))
    lane.admit(3)
    #expect(lane.send() == nil)
    lane.machine.update(.sample(isHeld: true), now: lane.now)
    #expect(lane.machine.phase == .paused)
    lane.machine.update(.sample(), now: lane.now)
    #expect(lane.sendAll().count == 1)
  }

  @Test("is not paused any more when it starts with another URL than the one that answered 410")
  func goneElsewhere() {
    var lane = LaneFixture(.sample(url: 2), hold: LaneHold(goneURL: 1))
    lane.admit(1)
    #expect(lane.send() != nil)
  }

  @Test("answers a retry with 410: that one stays owed as well, with the attempts it had")
  func goneRetry() {
    var lane = LaneFixture()
    lane.admit(1)
    lane.finish(lane.send()!, .status(500))
    let failed = lane.settle()?.written ?? []
    lane.machine.admitRetries(failed)
    let retry = lane.send()!
    #expect(retry.attempt == 2)
    #expect(lane.finish(retry, .status(410)) == .owed)
    #expect(lane.settle()?.written.isEmpty == true)
    lane.machine.update(.sample(url: 2), now: lane.now)
    lane.machine.admitRetries(failed)
    #expect(lane.send()?.attempt == 2)
  }
}
