import GatewayCore
import Testing

@Suite("Appending")
struct AppendingTests {
  @Test("an empty journal begins at 1", arguments: JournalUnderTest.all)
  func emptyJournal(_ kind: JournalUnderTest) async throws {
    try await kind.test { (fixture) async throws in
      #expect(fixture.journal.head.next == 1)
      #expect(fixture.journal.head.kinds.isEmpty)
      #expect(try await fixture.readAll().isEmpty)
    }
  }

  @Test("a batch of n events takes n numbers, and the next starts where it ends", arguments: JournalUnderTest.all)
  func denseNumbers(_ kind: JournalUnderTest) async throws {
    try await kind.test { (fixture) async throws in
      #expect(try await fixture.append(.sample("a", events: 3)) == 1)
      #expect(try await fixture.append(.sample("b")) == 4)
      #expect(try await fixture.append(.sample("c", events: 1000)) == 5)
      #expect(fixture.journal.head.next == 1005)
      #expect(try await fixture.readAll().map(\.first) == [1, 4, 5])
    }
  }

  @Test("a batch comes back exactly as it went in", arguments: JournalUnderTest.all)
  func roundTrip(_ kind: JournalUnderTest) async throws {
    try await kind.test { fixture in
      var batch = NewBatch.sample(kind: .blockAdded, events: 2, at: .start + .milliseconds(123))
      batch.payload = (0...255).map { UInt8($0) }
      batch.derivation = Derivation(rawValue: "2 — 账号")
      try await fixture.append(batch)
      try await fixture.reopen()
      let stored = try #require(try await fixture.readAll().first)
      #expect(stored.id == batch.id)
      #expect(stored.kind == batch.kind)
      #expect(stored.eventCount == 2)
      #expect(stored.receivedAt == batch.receivedAt)
      #expect(stored.derivation == batch.derivation)
      #expect(stored.payload == batch.payload)
    }
  }

  @Test("an empty payload and one of four MiB are kept alike", arguments: JournalUnderTest.all)
  func payloadSizes(_ kind: JournalUnderTest) async throws {
    try await kind.test { fixture in
      var large = NewBatch.sample()
      large.payload = Array(repeating: 0xA5, count: 4 << 20)
      try await fixture.append(.sample(""))
      try await fixture.append(large)
      try await fixture.reopen()
      #expect(try await fixture.readAll().map(\.payload.count) == [0, 4 << 20])
    }
  }

  @Test("a thousand concurrent appends get a thousand places without a gap", arguments: JournalUnderTest.all)
  func concurrentAppends(_ kind: JournalUnderTest) async throws {
    try await kind.test { fixture in
      let journal = fixture.journal
      let places = try await withThrowingTaskGroup(of: (SequenceNumber, Int).self) { group in
        for number in 0..<1000 {
          group.addTask {
            let events = 1 + number % 3
            let outcome = try await journal.append(.sample("\(number)", events: events), deadline: .soon)
            guard case .appended(let first) = outcome else { throw JournalError.closed }
            return (first, events)
          }
        }
        return try await group.reduce(into: []) { $0.append($1) }.sorted { $0.0 < $1.0 }
      }
      var next = SequenceNumber.first
      for (first, events) in places {
        #expect(first == next)
        next = next + events
      }
      #expect(journal.head.next == next)
      try await fixture.reopen()
      #expect(fixture.journal.head.next == next)
    }
  }

  @Test("appends of one caller are numbered in its order", arguments: JournalUnderTest.all)
  func order(_ kind: JournalUnderTest) async throws {
    try await kind.test { fixture in
      for number in 0..<20 { try await fixture.append(.sample("\(number)")) }
      #expect(try await fixture.readAll().map(\.text) == (0..<20).map { "\($0)" })
    }
  }

  @Test("cancelling the caller does not take an append back", arguments: JournalUnderTest.all)
  func cancellation(_ kind: JournalUnderTest) async throws {
    try await kind.test { fixture in
      let journal = fixture.journal
      let release = try await fixture.stall()
      let append = Task { try await journal.append(.sample("kept"), deadline: .soon) }
      append.cancel()
      release()
      #expect(try await append.value == .appended(1))
      #expect(try await fixture.readAll().map(\.text) == ["kept"])
    }
  }

  @Test("the head tells each kind's total and end, and its observer what was appended", arguments: JournalUnderTest.all)
  func headByKind(_ kind: JournalUnderTest) async throws {
    try await kind.test { fixture in
      let seen = Seen()
      fixture.journal.head.observe { seen.add($0) }
      try await fixture.append(.sample(kind: .friendAdded, events: 2))
      try await fixture.append(.sample(kind: .blockAdded, events: 5))
      try await fixture.append(.sample(kind: .friendAdded))
      let expected: [EventKind: JournalHead.Kind] = [
        .friendAdded: .init(total: 3, end: 9), .blockAdded: .init(total: 5, end: 8),
      ]
      #expect(fixture.journal.head.kinds == expected)
      #expect(seen.kinds == [.friendAdded, .blockAdded])
      try await fixture.reopen()
      #expect(fixture.journal.head.kinds == expected)
    }
  }
}
