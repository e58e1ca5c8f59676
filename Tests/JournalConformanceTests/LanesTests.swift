import GatewayCore
import Testing

@Suite("Lanes")
struct LanesTests {
  @Test("a lane starts where it was first opened and is the same ever after", arguments: JournalUnderTest.all)
  func opening(_ kind: JournalUnderTest) async throws {
    try await kind.test { fixture in
      let lane = try await fixture.journal.openLane(for: "moderation", startingAt: 7)
      #expect(lane.subscriber == "moderation")
      #expect(lane.cursor == 7)
      #expect(lane.clock == HeldClock())
      #expect(lane.forgetAt == nil)
      #expect(try await fixture.journal.openLane(for: "moderation", startingAt: 99) == lane)
      try await fixture.reopen()
      #expect(try await fixture.journal.openLane(for: "moderation", startingAt: 99) == lane)
      #expect(try await fixture.journal.lanes() == [lane])
    }
  }

  @Test("a retired lane keeps its position, and opening it takes that back", arguments: JournalUnderTest.all)
  func retiring(_ kind: JournalUnderTest) async throws {
    try await kind.test { fixture in
      let id = try await fixture.openLane()
      try await fixture.journal.settle(Settlement(lane: id, cursor: 5, written: [.retrying(2)]))
      try await fixture.journal.retireLane(id, forgetAt: .start + .seconds(60))
      try await fixture.reopen()
      #expect(try await fixture.journal.lanes().map(\.forgetAt) == [.start + .seconds(60)])
      let again = try await fixture.journal.openLane(for: "moderation", startingAt: 1)
      #expect(again.id == id)
      #expect(again.cursor == 5)
      #expect(again.forgetAt == nil)
      #expect(try await fixture.journal.exceptionCounts(of: id).retrying == 1)
    }
  }

  @Test("a deleted lane leaves nothing, and one of the same name is another", arguments: JournalUnderTest.all)
  func deleting(_ kind: JournalUnderTest) async throws {
    try await kind.test { fixture in
      let old = try await fixture.openLane()
      try await fixture.journal.settle(Settlement(lane: old, cursor: 5, written: [.retrying(2), .dead(3)]))
      try await fixture.journal.deleteLane(old)
      #expect(try await fixture.journal.lanes().isEmpty)
      let new = try await fixture.journal.openLane(for: "moderation", startingAt: 9)
      #expect(new.id != old)
      #expect(new.cursor == 9)
      #expect(try await fixture.journal.exceptionCounts(of: new.id) == ExceptionCounts())
      #expect(try await fixture.journal.exceptionCounts(of: old) == ExceptionCounts())
    }
  }

  @Test(
    "a settlement that comes after its lane was deleted is refused and harms no other", arguments: JournalUnderTest.all)
  func lateSettlement(_ kind: JournalUnderTest) async throws {
    try await kind.test { fixture in
      let gone = try await fixture.openLane("gone")
      let kept = try await fixture.openLane("kept")
      try await fixture.journal.deleteLane(gone)
      let journal = fixture.journal
      let release = try await fixture.stall()
      let refused = Task { try await journal.settle(Settlement(lane: gone, cursor: 5, written: [.retrying(2)])) }
      let settled = Task { try await journal.settle(Settlement(lane: kept, cursor: 8)) }
      let appended = Task { try await journal.append(.sample(), deadline: .soon) }
      release()
      await #expect(throws: JournalError.self) { try await refused.value }
      try await settled.value
      #expect(try await appended.value == .appended(1))
      #expect(try await journal.lanes().map(\.cursor) == [8])
      #expect(try await journal.exceptionCounts(of: gone) == ExceptionCounts())
    }
  }
}
