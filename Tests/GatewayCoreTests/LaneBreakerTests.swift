import GatewayCore
import Testing

@Suite("The breaker of a lane")
struct LaneBreakerTests {
  /// A lane whose breaker has just opened, with deliveries left that were never tried.
  private func down(_ settings: LaneSettings = .sample(), untried: Int = 10) -> LaneFixture {
    var lane = LaneFixture(settings)
    lane.admit(5 + untried)
    #expect(lane.answer(5, with: .status(500)) == 5)
    #expect(lane.machine.phase == .open)
    lane.settle()
    return lane
  }

  @Test("opens after so many first attempts have failed in a row, and then nothing is sent")
  func opens() {
    var lane = LaneFixture()
    lane.admit(20)
    #expect(lane.answer(4, with: .status(500)) == 4)
    #expect(lane.machine.phase == .closed)
    #expect(lane.answer(1, with: .success) == 1)
    #expect(lane.answer(with: .status(500)) == 5)
    #expect(lane.machine.phase == .open)
  }

  @Test("opens for a receiver that answers 401 or 404 to everything", arguments: [401, 404])
  func opensForRefusals(status: Int) {
    var lane = LaneFixture()
    lane.admit(20)
    #expect(lane.answer(with: .status(status)) == 5)
    #expect(lane.machine.phase == .open)
  }

  @Test("does not open for what is dead at once, nor for deliveries that have failed before")
  func staysClosed() {
    var lane = LaneFixture()
    lane.admit(4)
    #expect(lane.answer(with: .status(500)) == 4)
    let failed = lane.settle()?.written ?? []
    #expect(failed.count == 4)
    for _ in 1...20 {
      lane.machine.admitRetries(failed)
      #expect(lane.answer(with: .status(500)) == 4)
      lane.settle()
    }
    lane.admit(20)
    #expect(lane.answer(with: .status(422)) == 20)
    #expect(lane.machine.phase == .closed)
  }

  @Test("uses up no attempts, writes nothing and keeps the cursor while it is open, whatever is accepted")
  func standsStill() {
    var lane = down(untried: 1)
    let cursor = lane.machine.cursor
    lane.settle()
    // Some more may be taken to be probes, and no more than that.
    let more = lane.machine.scanCapacity
    #expect(more == LaneStateMachine.Limit.probed - 1)
    lane.admit(more)
    var probed: [SequenceNumber] = []
    for _ in 1...100 {
      lane.wait(.seconds(30))
      #expect(lane.machine.scanCapacity == 0)
      if lane.machine.probeToLoad(now: lane.now) != nil { lane.machine.admitProbe(nil, now: lane.now) }
      let probe = lane.send()
      #expect(probe?.isProbe == true)
      #expect(probe?.attempt == 1)
      if let probe { probed.append(probe.sequence) }
      #expect(lane.send() == nil)
      #expect(lane.finish(probe!, .status(500)) == .owed)
      #expect(!lane.machine.hasUnrecorded)
    }
    #expect(lane.machine.cursor == cursor)
    #expect(lane.machine.retrying == 5)
    // All in turn: the first of them may be the one that is at fault.
    #expect(probed.prefix(1 + more).map(\.rawValue) == Array(6...Int64(6 + more)))
  }

  @Test("probes the oldest untried delivery and the exceptions in turn, one a period")
  func probes() {
    var lane = down()
    var probed: [Int64] = []
    for _ in 1...6 {
      lane.wait(.seconds(29))
      #expect(lane.send() == nil)
      lane.wait(.seconds(1))
      if let number = lane.machine.probeToLoad(now: lane.now) {
        // As the journal would: the next one behind that number, or the first.
        let next = number.rawValue < 5 ? number.rawValue + 1 : 1
        lane.machine.admitProbe(exception(next), now: lane.now)
      }
      guard let probe = lane.send() else { break }
      probed.append(probe.sequence.rawValue)
      lane.finish(probe, .status(503))
      #expect(lane.send() == nil)
    }
    #expect(probed == [6, 1, 7, 2, 8, 3])
  }

  @Test("lets deliveries through step by step when a probe has succeeded, and is closed when all goes well")
  func recovers() {
    var lane = down(.sample(concurrency: 8), untried: 100)
    lane.wait(.seconds(30))
    lane.finish(lane.send()!, .success)
    var rounds: [Int] = []
    while lane.machine.phase == .halfOpen {
      let round = lane.sendAll()
      rounds.append(round.count)
      for send in round { lane.finish(send, .success) }
    }
    #expect(rounds == [1, 2, 4])
    #expect(lane.machine.phase == .closed)
    #expect(lane.sendAll().count == 8)
  }

  @Test("opens again when deliveries fail after a good probe, one at a time")
  func relapses() {
    var lane = down(untried: 100)
    lane.wait(.seconds(30))
    lane.finish(lane.send()!, .success)
    for _ in 1...5 {
      let round = lane.sendAll()
      #expect(round.count == 1)
      for send in round { lane.finish(send, .status(500)) }
    }
    #expect(lane.machine.phase == .open)
  }

  @Test("lets healthy events through although those before them always fail, in the window and as exceptions")
  func poison() {
    var lane = down(untried: 8)
    var delivered: Set<Int64> = []
    for _ in 1...40 {
      lane.wait(.seconds(30))
      if lane.machine.probeToLoad(now: lane.now) != nil { lane.machine.admitProbe(exception(1), now: lane.now) }
      while let send = lane.send() {
        let isHealthy = send.sequence.rawValue > 10
        if isHealthy { delivered.insert(send.sequence.rawValue) }
        lane.finish(send, isHealthy ? .success : .status(500))
      }
      lane.settle()
    }
    #expect(delivered == [11, 12, 13])
  }

  @Test("probes with what comes later when all that it had to probe with has been given up")
  func expired() {
    var lane = down(untried: 1)
    lane.admit(lane.machine.scanCapacity)
    lane.machine.beginExpiry()
    _ = lane.machine.expire(
      below: lane.machine.scanned, exceptions: (1...5).map(exception), unscanned: 0, acceptedAt: lane.now,
      reason: "no room", now: lane.now)
    lane.settle()
    #expect(lane.machine.scanCapacity > 0)
    lane.admit(1)
    lane.wait(.seconds(30))
    #expect(lane.send()?.isProbe == true)
  }

  @Test("takes no notice of what another URL has answered meanwhile", arguments: [410, 503])
  func oldAnswers(status: Int) {
    var lane = LaneFixture()
    lane.admit(20)
    let sends = lane.sendAll()
    lane.machine.update(.sample(url: 2), now: lane.now)
    for send in sends { lane.finish(send, .status(status, retryAfter: .seconds(60))) }
    #expect(lane.machine.phase == .closed)
  }

  @Test("remembers over a restart that much was failing, and opens again by retries alone")
  func restart() {
    let record = LaneRecord(id: LaneFixture.id, subscriber: "a", cursor: .first, clock: HeldClock(), forgetAt: nil)
    let held = LaneStateMachine.Held(counts: ExceptionCounts(retrying: 6, waitingEvents: 6))
    var machine = LaneStateMachine(lane: record, held: held, settings: .sample(), now: LaneFixture.start)
    #expect(machine.phase == .halfOpen)
    machine.admitRetries((1...6).map(exception))
    for _ in 1...5 {
      let send = machine.nextSend(now: LaneFixture.start)
      #expect(machine.nextSend(now: LaneFixture.start) == nil)
      _ = machine.finish(send!, result: .status(500), now: LaneFixture.start, fraction: 0.5)
    }
    #expect(machine.phase == .open)
  }

  @Test("takes an answer that damns only the event for a sign of life")
  func permanentProbe() {
    var lane = down()
    lane.wait(.seconds(30))
    #expect(lane.finish(lane.send()!, .status(422)) == .dead)
    #expect(lane.machine.phase == .halfOpen)
  }

  @Test("does not count the time in which it is open against a delivery")
  func heldTimeIsFree() {
    var lane = down(.sample(retry: RetryPolicy(delays: [.seconds(1)], jitter: 0, giveUpAfter: .seconds(60))))
    for _ in 1...10 {
      lane.wait(.seconds(30))
      lane.machine.admitProbe(exception(1), now: lane.now)
      guard let probe = lane.send() else { continue }
      lane.finish(probe, .status(500))
    }
    lane.wait(.seconds(30))
    lane.finish(lane.send()!, .success)
    lane.machine.admitRetries([exception(1)])
    let retry = lane.sendAll().first { $0.sequence == .first }
    #expect(lane.finish(retry!, .status(500)) == .retry(at: lane.now + .seconds(1)))
  }

  @Test("forgets what it knows of one URL when the subscriber gets another")
  func anotherURL() {
    var lane = down()
    lane.machine.update(.sample(url: 2), now: lane.now)
    #expect(lane.machine.phase == .closed)
    #expect(lane.sendAll().count == 10)
  }

  @Test("waits for its next probe no longer than the period, also when the clock is set back")
  func clockSetBack() {
    var lane = down()
    lane.wait(.seconds(-3600))
    lane.wait(.seconds(30))
    #expect(lane.send()?.isProbe == true)
  }

  private func exception(_ number: Int64) -> DeliveryException {
    DeliveryException(
      first: SequenceNumber(rawValue: number), last: SequenceNumber(rawValue: number), state: .retrying,
      acceptedAt: LaneFixture.start, attempts: 1, dueAt: LaneFixture.start, firstAttemptAt: LaneFixture.start,
      endedAt: nil, lastError: "")
  }
}
