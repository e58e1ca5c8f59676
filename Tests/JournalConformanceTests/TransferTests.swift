import GatewayCore
import OpenSSLSigner
import Testing

@Suite("Moving a journal into another")
struct TransferTests {
  private static let tiny = ReadLimit(batches: 3, bytes: 64)

  @Test("keeps all of it", arguments: JournalUnderTest.all, JournalUnderTest.all)
  func keeps(_ from: JournalUnderTest, _ to: JournalUnderTest) async throws {
    try await from.test { source in
      try await fill(source)
      try await to.test { target in
        let (old, new) = (try transfer(source), try transfer(target))
        let outline = try await old.transferOutline()
        for (section, count) in [(TransferSection.batches, 18), (.lanes, 3), (.exceptions, 4), (.attempts, 3)] {
          #expect(outline.counts[section] == count)
        }
        let progress = Progress()
        _ = try await TransferRun(from: old, to: new, digest: OpenSSLDigest(), limit: Self.tiny)
          .run(outline) { progress.seen.append(($0, $1)) }
        #expect(progress.seen.last.map { $0 == (.verifying, outline.records) } ?? false)
        try await target.reopen()
        #expect(try await transfer(target).transferOutline() == outline)
        try await compare(source, target)
      }
    }
  }

  @Test("keeps one without anything in it", arguments: JournalUnderTest.all, JournalUnderTest.all)
  func empty(_ from: JournalUnderTest, _ to: JournalUnderTest) async throws {
    try await from.test { source in
      try await to.test { target in
        let outline = try await transfer(source).transferOutline()
        #expect(outline.isEmpty)
        _ = try await TransferRun(from: transfer(source), to: transfer(target), digest: OpenSSLDigest())
          .run(outline) { _, _ in }
        try await target.reopen()
        #expect(try await transfer(target).transferOutline() == outline)
        #expect(target.journal.mark == source.journal.mark)
      }
    }
  }

  @Test("refuses one that holds something", arguments: JournalUnderTest.all)
  func holding(_ kind: JournalUnderTest) async throws {
    try await kind.test { target in
      try await target.append(.sample())
      await #expect(throws: JournalError.refused("it is not empty")) {
        try await transfer(target).beginTransfer()
      }
      try await target.reopen()
      #expect(try await target.readAll().count == 1)
    }
  }

  @Test("leaves nothing that could be opened before it is finished", arguments: JournalUnderTest.all)
  func unfinished(_ kind: JournalUnderTest) async throws {
    try await kind.test { target in
      try await transfer(target).beginTransfer()
      let batch = TransferredBatch(
        first: 1, eventCount: 1, id: Array(repeating: 7, count: 16), kind: .friendAdded, receivedAt: .start,
        derivation: Derivation(rawValue: "1 PairList"), duplicateKey: nil, checksum: 1, payload: [1])
      try await transfer(target).take([.batch(batch)])
      await #expect(throws: JournalError.self) { try await target.reopen() }
    }
  }

  private final class Progress {
    var seen: [(TransferRun.Phase, Int)] = []
  }

  private func transfer(_ fixture: JournalFixture) throws -> any JournalTransfer {
    try #require(fixture.journal as? any JournalTransfer)
  }

  private func fill(_ fixture: JournalFixture) async throws {
    let journal = fixture.journal
    for number in 0..<20 {
      try await fixture.append(
        .sample(
          "payload \(number)", kind: number % 3 == 0 ? .blockAdded : .friendAdded, events: 1 + number % 4,
          at: .start + .seconds(number),
          key: number % 2 == 0
            ? .sample(UInt8(number), number % 4 == 0 ? .until(.start + .seconds(3600)) : .whileRetained)
            : nil))
    }
    try await journal.saveLastGoodRoutes(Array("version: 1".utf8))
    let (first, second) = (try await fixture.openLane("moderation"), try await fixture.openLane("audit"))
    let attempt = AttemptRecord(
      at: .start, first: 5, last: 9, members: [5, 7, 9], eventCount: 3, attempt: 2, outcome: .timeout, status: nil,
      duration: .milliseconds(10), error: "too slow")
    var answered = AttemptRecord(
      at: .start, first: 6, last: 6, attempt: 1, outcome: .http5xx, status: 503, duration: .milliseconds(3))
    answered.answer = AttemptResult.Answer(body: [0, 1, 2], isCut: true)
    try await journal.settle(
      Settlement(
        lane: first, cursor: 20, clock: HeldClock(heldMilliseconds: 5, heldSince: .start),
        hold: LaneHold(until: .start, goneURL: .max, pausedAt: .start),
        written: [
          .batch([5, 7, 9], keys: [.sample(.max), nil, .sample(1)]), .dead(10), .parked([11, 13], key: .sample(2)),
        ],
        attempts: [attempt, answered]))
    try await journal.settle(
      Settlement(lane: second, cursor: 12, written: [.expired(6...8, events: 2)], attempts: [answered]))
    try await journal.retireLane(second, forgetAt: .start + .seconds(60))
    let replay = Replay(
      id: ReplayID.random(), subscriber: "moderation", start: 3, end: 9, from: .start, to: .start + .seconds(9),
      events: ["friend.*", "blocklist.added"].compactMap { EventPattern($0) },
      rateLimit: RateLimit(count: 5, period: .seconds(60)), state: .paused, createdAt: .start, totalEvents: 6,
      isExact: true)
    _ = try await journal.openReplay(replay, insteadOf: nil)
    // The first two are gone.
    #expect(try await journal.trim(below: 4, receivedBefore: .start + .seconds(100), limit: 10) == 2)
  }

  private func compare(_ source: JournalFixture, _ target: JournalFixture) async throws {
    let (old, new) = (source.journal, target.journal)
    #expect(new.mark == old.mark)
    #expect(new.head.next == old.head.next)
    #expect(new.head.kinds == old.head.kinds)
    #expect(try await new.lastGoodRoutes() == old.lastGoodRoutes())
    #expect(try await new.lanes() == old.lanes())
    #expect(try await new.replays() == old.replays())
    for lane in try await old.lanes() {
      #expect(try await new.exceptions(of: lane.id, reaching: 1) == old.exceptions(of: lane.id, reaching: 1))
      #expect(try await new.attempts(of: lane.id, at: 5) == old.attempts(of: lane.id, at: 5))
      #expect(try await new.attempts(of: lane.id, at: 6) == old.attempts(of: lane.id, at: 6))
    }
    let (mine, theirs) = (try await source.readAll(), try await target.readAll())
    #expect(mine.map(\.first) == theirs.map(\.first))
    #expect(mine.map(\.id) == theirs.map(\.id))
    #expect(mine.map(\.payload) == theirs.map(\.payload))
    for position in [SequenceNumber.first, 10, old.head.next] {
      #expect(try await new.totals(below: position) == old.totals(below: position))
    }
    // Repeats are known, and appending goes on where it was.
    let repeated = try await new.append(.sample(key: .sample(18)), deadline: .soon)
    #expect(try await old.append(.sample(key: .sample(18)), deadline: .soon) == repeated)
    #expect(try await target.append(.sample()) == old.head.next)
  }
}
