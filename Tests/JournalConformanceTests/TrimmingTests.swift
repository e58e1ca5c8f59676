import GatewayCore
import Testing

@Suite("Trimming")
struct TrimmingTests {
  /// Ten batches of two events, the first at 1, received ten seconds apart.
  private func filled(_ kind: JournalUnderTest, _ body: (JournalFixture) async throws -> Void) async throws {
    try await kind.test { fixture in
      for number in 0..<10 {
        try await fixture.append(.sample("\(number)", events: 2, at: .start + .seconds(number * 10)))
      }
      try await body(fixture)
    }
  }

  private let always = Timestamp.start + .seconds(1_000_000)

  @Test("whole batches go that end at or below the floor", arguments: JournalUnderTest.all)
  func floor(_ kind: JournalUnderTest) async throws {
    try await filled(kind) { fixture in
      #expect(try await fixture.journal.trim(below: 6, receivedBefore: always, limit: 100) == 2)
      #expect(try await fixture.readAll().first?.first == 5)
      #expect(try await fixture.journal.trim(below: 7, receivedBefore: always, limit: 100) == 1)
      #expect(try await fixture.readAll().first?.first == 7)
      try await fixture.reopen()
      #expect(try await fixture.readAll().map(\.text) == ["3", "4", "5", "6", "7", "8", "9"])
    }
  }

  @Test("only what was received before the moment goes", arguments: JournalUnderTest.all)
  func age(_ kind: JournalUnderTest) async throws {
    try await filled(kind) { (fixture) async throws in
      let moment = Timestamp.start + .seconds(40)
      #expect(try await fixture.journal.trim(below: 21, receivedBefore: moment, limit: 100) == 4)
      #expect(try await fixture.journal.trim(below: 21, receivedBefore: moment, limit: 100) == 0)
      #expect(try await fixture.readAll().first?.text == "4")
    }
  }

  @Test("it stops at its limit and goes on from there", arguments: JournalUnderTest.all)
  func limit(_ kind: JournalUnderTest) async throws {
    try await filled(kind) { (fixture) async throws in
      #expect(try await fixture.journal.trim(below: 21, receivedBefore: always, limit: 3) == 3)
      #expect(try await fixture.readAll().map(\.text) == ["3", "4", "5", "6", "7", "8", "9"])
      #expect(try await fixture.journal.trim(below: 21, receivedBefore: always, limit: 100) == 7)
      #expect(try await fixture.readAll().isEmpty)
    }
  }

  @Test("what a retrying or dead exception needs stays, what expired does not", arguments: JournalUnderTest.all)
  func needed(_ kind: JournalUnderTest) async throws {
    try await filled(kind) { fixture in
      let lane = try await fixture.openLane()
      try await fixture.journal.settle(
        Settlement(lane: lane, cursor: 21, written: [.retrying(2), .dead(7), .expired(9...14, events: 6)]))
      #expect(try await fixture.journal.trim(below: 21, receivedBefore: always, limit: 100) == 8)
      #expect(try await fixture.readAll().map(\.text) == ["0", "3"])
      #expect(try await fixture.journal.trim(below: 21, receivedBefore: always, limit: 100) == 0)
    }
  }

  @Test("an exception over several batches needs each of them", arguments: JournalUnderTest.all)
  func neededRange(_ kind: JournalUnderTest) async throws {
    try await filled(kind) { fixture in
      let lane = try await fixture.openLane()
      var range = DeliveryException.dead(6)
      range.last = 11
      try await fixture.journal.settle(Settlement(lane: lane, cursor: 21, written: [range]))
      #expect(try await fixture.journal.trim(below: 21, receivedBefore: always, limit: 100) == 6)
      #expect(try await fixture.readAll().map(\.text) == ["2", "3", "4", "5"])
    }
  }

  @Test("a batch or a run needs the callbacks of its events, and none in between", arguments: JournalUnderTest.all)
  func neededMembers(_ kind: JournalUnderTest) async throws {
    try await filled(kind) { fixture in
      let lane = try await fixture.openLane()
      try await fixture.journal.settle(
        Settlement(
          lane: lane, cursor: 21, written: [.parked([3, 9, 16], key: .sample(1)), .batch([5, 17], keys: [nil, nil])]))
      #expect(try await fixture.journal.trim(below: 21, receivedBefore: always, limit: 100) == 5)
      #expect(try await fixture.readAll().map(\.text) == ["1", "2", "4", "7", "8"])
    }
  }

  @Test("what was needed goes once nothing needs it any more", arguments: JournalUnderTest.all)
  func neededNoMore(_ kind: JournalUnderTest) async throws {
    try await filled(kind) { fixture in
      let lane = try await fixture.openLane("one")
      let other = try await fixture.openLane("other")
      try await fixture.journal.settle(
        Settlement(lane: lane, cursor: 21, written: [.retrying(1), .dead(3), .retrying(5), .retrying(7)]))
      try await fixture.journal.settle(Settlement(lane: other, cursor: 21, written: [.dead(8), .dead(20)]))
      func trim() async throws -> Int {
        try await fixture.journal.trim(below: 21, receivedBefore: always, limit: 100)
      }
      #expect(try await trim() == 5)
      try await fixture.journal.settle(Settlement(lane: lane, removed: [1]))
      #expect(try await trim() == 1)
      #expect(try await fixture.journal.deleteDeadLetters(of: lane, endedBefore: always, limit: 10) == 1)
      #expect(try await trim() == 1)
      try await fixture.journal.settle(Settlement(lane: lane, written: [.expired(5...5, events: 1)]))
      #expect(try await trim() == 1)
      try await fixture.journal.deleteLane(other)
      #expect(try await trim() == 1)
      #expect(try await fixture.readAll().map(\.text) == ["3"])
      try await fixture.journal.settle(Settlement(lane: lane, removed: [7]))
      try await fixture.reopen()
      #expect(try await trim() == 1)
    }
  }

  @Test("reading passes over what was trimmed", arguments: JournalUnderTest.all)
  func readingGaps(_ kind: JournalUnderTest) async throws {
    try await filled(kind) { fixture in
      let lane = try await fixture.openLane()
      try await fixture.journal.settle(Settlement(lane: lane, cursor: 21, written: [.dead(4)]))
      #expect(try await fixture.journal.trim(below: 15, receivedBefore: always, limit: 100) == 6)
      let page = try await fixture.journal.read(
        from: 1, limit: ReadLimit(batches: 2, bytes: 1 << 20), wanted: { _ in true })
      #expect(page.batches.map(\.text) == ["1", "7"])
      #expect(page.through == 17)
      let inGap = try await fixture.journal.read(
        from: 6, limit: ReadLimit(batches: 1, bytes: 1 << 20), wanted: { _ in true })
      #expect(inGap.batches.map(\.text) == ["7"])
    }
  }

  @Test("trimming gives room back", arguments: JournalUnderTest.all)
  func space(_ kind: JournalUnderTest) async throws {
    try await kind.test { fixture in
      let payload = String(repeating: "x", count: 100_000)
      for _ in 0..<20 { try await fixture.append(.sample(payload)) }
      let full = try await fixture.journal.space()
      #expect(full.used > 2_000_000)
      #expect(full.volume > full.used)
      #expect(try await fixture.journal.trim(below: 20, receivedBefore: always, limit: 100) == 19)
      let trimmed = try await fixture.journal.space()
      #expect(trimmed.used < full.used - 1_800_000)
    }
  }
}
