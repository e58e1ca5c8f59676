import GatewayCore
import Testing

@Suite("Reading")
struct ReadingTests {
  /// Every reading test runs on what was just appended and on what a restart finds: the two are read differently.
  private func eachWay(_ kind: JournalUnderTest, _ batches: [NewBatch], _ check: (JournalFixture) async throws -> Void)
    async throws
  {
    try await kind.test { fixture in
      for batch in batches { try await fixture.append(batch) }
      try await check(fixture)
      try await fixture.reopen()
      try await check(fixture)
    }
  }

  @Test("reading starts with the batch that holds the position", arguments: JournalUnderTest.all)
  func midBatch(_ kind: JournalUnderTest) async throws {
    let batches: [NewBatch] = [.sample("a", events: 3), .sample("b", events: 3), .sample("c")]
    try await eachWay(kind, batches) { (fixture) async throws in
      #expect(try await fixture.readAll(from: 1).map(\.text) == ["a", "b", "c"])
      #expect(try await fixture.readAll(from: 3).map(\.text) == ["a", "b", "c"])
      #expect(try await fixture.readAll(from: 4).map(\.text) == ["b", "c"])
      #expect(try await fixture.readAll(from: 6).map(\.text) == ["b", "c"])
      #expect(try await fixture.readAll(from: 7).map(\.text) == ["c"])
    }
  }

  @Test("at the head there is nothing, and reading goes on from there", arguments: JournalUnderTest.all)
  func atHead(_ kind: JournalUnderTest) async throws {
    try await eachWay(kind, [.sample("a", events: 3)]) { fixture in
      let page = try await fixture.journal.read(from: 4, limit: .generous, wanted: { _ in true })
      #expect(page.batches.isEmpty)
      #expect(page.through == 4)
    }
  }

  @Test("what is not wanted is passed over, up to the head", arguments: JournalUnderTest.all)
  func wanted(_ kind: JournalUnderTest) async throws {
    let batches: [NewBatch] = [
      .sample("a", kind: .friendAdded), .sample("b", kind: .blockAdded), .sample("c", kind: .friendAdded),
      .sample("d", kind: .blockAdded, events: 2),
    ]
    try await eachWay(kind, batches) { fixture in
      let page = try await fixture.journal.read(from: 1, limit: .generous, wanted: { $0 == .friendAdded })
      #expect(page.batches.map(\.text) == ["a", "c"])
      #expect(page.through == 6)
      let none = try await fixture.journal.read(from: 1, limit: .generous, wanted: { _ in false })
      #expect(none.batches.isEmpty)
      #expect(none.through == 6)
    }
  }

  @Test("the limit counts the batches looked at, wanted or not", arguments: JournalUnderTest.all)
  func batchLimit(_ kind: JournalUnderTest) async throws {
    let kinds: [EventKind] = [.blockAdded, .friendAdded, .blockAdded, .friendAdded]
    try await eachWay(kind, kinds.map { .sample($0.type.rawValue, kind: $0, events: 2) }) { fixture in
      let limit = ReadLimit(batches: 3, bytes: 1 << 20)
      let first = try await fixture.journal.read(from: 1, limit: limit, wanted: { $0 == .friendAdded })
      #expect(first.batches.map(\.first) == [3])
      #expect(first.through == 7)
      let second = try await fixture.journal.read(from: first.through, limit: limit, wanted: { $0 == .friendAdded })
      #expect(second.batches.map(\.first) == [7])
      #expect(second.through == 9)
    }
  }

  @Test("the limit on bytes ends a page, but the first wanted batch always comes", arguments: JournalUnderTest.all)
  func byteLimit(_ kind: JournalUnderTest) async throws {
    let payload = String(repeating: "x", count: 1000)
    try await eachWay(kind, (0..<4).map { _ in .sample(payload) }) { fixture in
      let two = try await fixture.journal.read(
        from: 1, limit: ReadLimit(batches: 100, bytes: 2500), wanted: { _ in true })
      #expect(two.batches.count == 2)
      #expect(two.through == 3)
      let one = try await fixture.journal.read(from: 3, limit: ReadLimit(batches: 100, bytes: 1), wanted: { _ in true })
      #expect(one.batches.map(\.first) == [3])
      #expect(one.through == 4)
    }
  }

  @Test("page after page gives every batch once", arguments: JournalUnderTest.all)
  func paging(_ kind: JournalUnderTest) async throws {
    try await eachWay(kind, (0..<50).map { .sample("\($0)", events: 1 + $0 % 4) }) { fixture in
      var texts: [String] = []
      var position = SequenceNumber.first
      while position < fixture.journal.head.next {
        let page = try await fixture.journal.read(
          from: position, limit: ReadLimit(batches: 7, bytes: 10), wanted: { _ in true })
        try #require(page.through > position)
        texts += page.batches.map(\.text)
        position = page.through
      }
      #expect(texts == (0..<50).map { "\($0)" })
    }
  }

  @Test("what a lane sees at the head it can read at once", arguments: JournalUnderTest.all)
  func readYourHead(_ kind: JournalUnderTest) async throws {
    try await kind.test { fixture in
      let journal = fixture.journal
      try await withThrowingTaskGroup(of: Void.self) { group in
        for number in 0..<200 {
          group.addTask { _ = try await journal.append(.sample("\(number)"), deadline: .soon) }
        }
        var position = SequenceNumber.first
        while position < 201 {
          let seen = journal.head.next
          let page = try await journal.read(from: position, limit: .generous, wanted: { _ in true })
          #expect(page.through >= seen)
          #expect(page.batches.count == page.through - position)
          position = page.through
          await Task.yield()
        }
        try await group.waitForAll()
      }
    }
  }
}
