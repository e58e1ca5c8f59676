import GatewayCore
import Testing

@Suite("Duplicates")
struct DuplicatesTests {
  @Test(
    "a key is held for as long as its batch is in the journal, also over a restart", arguments: JournalUnderTest.all)
  func whileRetained(_ kind: JournalUnderTest) async throws {
    try await kind.test { fixture in
      try await fixture.append(.sample("first", key: .sample(1)))
      #expect(try await fixture.journal.append(.sample("again", key: .sample(1)), deadline: .soon) == .duplicate(of: 1))
      fixture.clock.advance(by: .seconds(30 * 86_400))
      try await fixture.reopen()
      #expect(try await fixture.journal.append(.sample("again", key: .sample(1)), deadline: .soon) == .duplicate(of: 1))
      #expect(try await fixture.readAll().map(\.text) == ["first"])
      #expect(fixture.journal.head.next == 2)
    }
  }

  @Test("a key is free again once its batch has been trimmed", arguments: JournalUnderTest.all)
  func trimmed(_ kind: JournalUnderTest) async throws {
    try await kind.test { fixture in
      try await fixture.append(.sample("first", key: .sample(1)))
      try await fixture.append(.sample("other", key: .sample(2)))
      #expect(try await fixture.journal.trim(below: 2, receivedBefore: .start + .seconds(1), limit: 10) == 1)
      #expect(try await fixture.append(.sample("again", key: .sample(1))) == 3)
      #expect(try await fixture.journal.append(.sample(key: .sample(2)), deadline: .soon) == .duplicate(of: 2))
      #expect(try await fixture.journal.append(.sample(key: .sample(1)), deadline: .soon) == .duplicate(of: 3))
    }
  }

  @Test("a key that lasts until a moment is held up to then and no longer", arguments: JournalUnderTest.all)
  func until(_ kind: JournalUnderTest) async throws {
    try await kind.test { fixture in
      let key = DuplicateKey.sample(1, .until(.start + .seconds(600)))
      try await fixture.append(.sample("first", key: key))
      fixture.clock.advance(by: .seconds(599))
      try await fixture.reopen()
      #expect(try await fixture.journal.append(.sample("again", key: key), deadline: .soon) == .duplicate(of: 1))
      fixture.clock.advance(by: .seconds(1))
      let later = DuplicateKey.sample(1, .until(.start + .seconds(1200)))
      #expect(try await fixture.append(.sample("new", key: later)) == 2)
      #expect(try await fixture.journal.append(.sample("again", key: later), deadline: .soon) == .duplicate(of: 2))
    }
  }

  @Test("a key that was taken over is not freed with the batch it belonged to first", arguments: JournalUnderTest.all)
  func takenOver(_ kind: JournalUnderTest) async throws {
    try await kind.test { fixture in
      try await fixture.append(.sample("first", key: .sample(1, .until(.start + .seconds(10)))))
      fixture.clock.advance(by: .seconds(10))
      let later = DuplicateKey.sample(1, .until(.start + .seconds(100)))
      try await fixture.append(.sample("second", key: later))
      #expect(try await fixture.journal.trim(below: 2, receivedBefore: .start + .seconds(1), limit: 10) == 1)
      #expect(try await fixture.journal.append(.sample("again", key: later), deadline: .soon) == .duplicate(of: 2))
    }
  }

  @Test("without a key everything is taken", arguments: JournalUnderTest.all)
  func none(_ kind: JournalUnderTest) async throws {
    try await kind.test { (fixture) async throws in
      #expect(try await fixture.append(.sample("same")) == 1)
      #expect(try await fixture.append(.sample("same")) == 2)
    }
  }

  @Test("of the same callback sent a hundred times at once, one is taken", arguments: JournalUnderTest.all)
  func sameGroup(_ kind: JournalUnderTest) async throws {
    try await kind.test { fixture in
      let journal = fixture.journal
      let release = try await fixture.stall()
      let outcomes = try await withThrowingTaskGroup(of: AppendOutcome.self) { group in
        for _ in 0..<100 {
          group.addTask { try await journal.append(.sample(key: .sample(7)), deadline: .soon) }
        }
        release()
        return try await group.reduce(into: []) { $0.append($1) }
      }
      #expect(outcomes.filter { $0 == .appended(1) }.count == 1)
      #expect(outcomes.filter { $0 == .duplicate(of: 1) }.count == 99)
      #expect(try await fixture.readAll().count == 1)
    }
  }

  @Test("an append that was withdrawn holds no key", arguments: JournalUnderTest.all)
  func withdrawn(_ kind: JournalUnderTest) async throws {
    try await kind.test { fixture in
      let release = try await fixture.stall()
      await #expect(throws: JournalError.deadlineExceeded) {
        try await fixture.journal.append(.sample("late", key: .sample(1)), deadline: .now + .milliseconds(20))
      }
      release()
      #expect(try await fixture.append(.sample("in time", key: .sample(1))) == 1)
    }
  }
}
