import GatewayCore
import Testing

@Suite("Replays")
struct ReplayTests {
  private static func replay(_ subscriber: String = "a", at moment: Timestamp = .start) -> Replay {
    Replay(
      id: .random(), subscriber: subscriber, start: 3, end: 40, from: .start, to: .start + .seconds(60),
      events: [EventPattern("friend.*")!, EventPattern("*")!], rateLimit: RateLimit(text: "50/m"), createdAt: moment,
      totalEvents: 12, isExact: false)
  }

  @Test("one is there with its lane, whole and after a restart", arguments: JournalUnderTest.all)
  func opening(_ kind: JournalUnderTest) async throws {
    try await kind.test { fixture in
      let own = try await fixture.openLane("a")
      let replay = Self.replay()
      let lane = try #require(try await fixture.journal.openReplay(replay, insteadOf: nil))
      #expect(lane.replay == replay.id)
      #expect(lane.subscriber == "a")
      #expect(lane.cursor == 3)
      #expect(lane.id != own)
      try await fixture.reopen()
      #expect(try await fixture.journal.replays() == [replay])
      #expect(try await fixture.journal.lanes().first { $0.replay != nil } == lane)
      #expect(try await fixture.journal.openLane(for: "a", startingAt: 99).id == own)
    }
  }

  @Test("they are listed newest first", arguments: JournalUnderTest.all)
  func order(_ kind: JournalUnderTest) async throws {
    try await kind.test { fixture in
      let made = (0..<4).map { Self.replay(at: .start + .seconds($0 / 2)) }
      for replay in made { _ = try await fixture.journal.openReplay(replay, insteadOf: nil) }
      #expect(try await fixture.journal.replays() == made.reversed())
    }
  }

  @Test(
    "one takes the place of the expired range that it stands for, and of nothing else", arguments: JournalUnderTest.all)
  func insteadOfRange(_ kind: JournalUnderTest) async throws {
    try await kind.test { fixture in
      let lane = try await fixture.openLane("a")
      try await fixture.journal.settle(Settlement(lane: lane, written: [.expired(3...9, events: 4), .dead(20)]))
      #expect(try await fixture.journal.openReplay(Self.replay(), insteadOf: (lane, 3)) != nil)
      #expect(try await fixture.journal.openReplay(Self.replay(), insteadOf: (lane, 3)) == nil)
      #expect(try await fixture.journal.openReplay(Self.replay(), insteadOf: (lane, 20)) == nil)
      #expect(try await fixture.journal.replays().count == 1)
      #expect(try await fixture.journal.deadLetters(of: lane, from: .first, limit: 9) == [.dead(20)])
    }
  }

  @Test("its state is kept, and one that is cancelled forgets what it would retry", arguments: JournalUnderTest.all)
  func states(_ kind: JournalUnderTest) async throws {
    try await kind.test { fixture in
      let replay = Self.replay()
      let lane = try #require(try await fixture.journal.openReplay(replay, insteadOf: nil)).id
      try await fixture.journal.settle(Settlement(lane: lane, cursor: 9, written: [.retrying(5), .dead(6)]))
      let (end, forget) = (Timestamp.start + .seconds(5), Timestamp.start + .seconds(500))
      try await fixture.journal.setState(.cancelled, of: replay.id, endedAt: end, forgetAt: forget)
      try await fixture.reopen()
      let kept = try #require(try await fixture.journal.replays().first)
      #expect(kept.state == .cancelled)
      #expect(kept.endedAt == end)
      #expect(kept.end == 9)
      #expect(try await fixture.journal.lanes().first?.forgetAt == forget)
      #expect(try await fixture.journal.exceptionCounts(of: lane) == ExceptionCounts(dead: 1, lowestPinned: 6))
      try await fixture.journal.setState(.running, of: replay.id, endedAt: nil, forgetAt: nil)
      var open = replay
      open.end = 9
      #expect(try await fixture.journal.replays() == [open])
      #expect(try await fixture.journal.lanes().first?.forgetAt == nil)
    }
  }

  @Test("it goes with its lane", arguments: JournalUnderTest.all)
  func deleting(_ kind: JournalUnderTest) async throws {
    try await kind.test { fixture in
      let lane = try #require(try await fixture.journal.openReplay(Self.replay(), insteadOf: nil)).id
      try await fixture.journal.deleteLane(lane)
      #expect(try await fixture.journal.replays().isEmpty)
      #expect(try await fixture.journal.lanes().isEmpty)
    }
  }
}
