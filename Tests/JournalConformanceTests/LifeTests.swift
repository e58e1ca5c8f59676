import GatewayCore
import Testing

@Suite("Opening and closing")
struct LifeTests {
  @Test("the last good routes are kept, the newest of them", arguments: JournalUnderTest.all)
  func lastGoodRoutes(_ kind: JournalUnderTest) async throws {
    try await kind.test { fixture in
      #expect(try await fixture.journal.lastGoodRoutes() == nil)
      try await fixture.journal.saveLastGoodRoutes(Array("version: 1".utf8))
      try await fixture.journal.saveLastGoodRoutes(Array("version: 1 # newer".utf8))
      try await fixture.reopen()
      #expect(try await fixture.journal.lastGoodRoutes() == Array("version: 1 # newer".utf8))
    }
  }

  @Test("a journal has a mark that no other has, and keeps it", arguments: JournalUnderTest.all)
  func mark(_ kind: JournalUnderTest) async throws {
    try await kind.test { fixture in
      let mark = fixture.journal.mark
      #expect(mark.rawValue.count >= 32)
      try await fixture.reopen()
      #expect(fixture.journal.mark == mark)
      try await kind.test { other in #expect(other.journal.mark != mark) }
    }
  }

  @Test("a closed journal refuses everything", arguments: JournalUnderTest.all)
  func closed(_ kind: JournalUnderTest) async throws {
    try await kind.test { fixture in
      let lane = try await fixture.openLane()
      let journal = fixture.journal
      await journal.close()
      await #expect(throws: JournalError.closed) { try await journal.append(.sample(), deadline: .soon) }
      await #expect(throws: JournalError.closed) { try await journal.settle(Settlement(lane: lane, cursor: 2)) }
      await #expect(throws: JournalError.closed) {
        try await journal.read(from: 1, limit: .generous, wanted: { _ in true })
      }
      await #expect(throws: JournalError.closed) { try await journal.lanes() }
      await #expect(throws: JournalError.closed) { try await journal.openLane(for: "new", startingAt: 1) }
      await #expect(throws: JournalError.closed) { try await journal.checkWritable() }
      await journal.close()
    }
  }

  @Test("what waits when the journal closes is committed first", arguments: JournalUnderTest.all)
  func closingCommits(_ kind: JournalUnderTest) async throws {
    try await kind.test { fixture in
      let journal = fixture.journal
      let lane = try await fixture.openLane()
      let release = try await fixture.stall()
      let appends = (0..<50).map { number in
        Task { try await journal.append(.sample("\(number)"), deadline: .soon) }
      }
      let settlement = Task { try await journal.settle(Settlement(lane: lane, cursor: 9)) }
      // Each of them is either in time and kept, or told that the journal is closed.
      let closing = Task { await journal.close() }
      release()
      await closing.value
      var kept = 0
      for append in appends {
        switch await append.result {
        case .success: kept += 1
        case .failure(let error): #expect(error as? JournalError == .closed)
        }
      }
      let settled = await settlement.result
      try await fixture.reopen()
      #expect(try await fixture.readAll().count == kept)
      #expect(try await fixture.journal.lanes().map(\.cursor) == [(try? settled.get()) == nil ? 1 : 9])
    }
  }

  @Test("writability is checked without leaving a trace", arguments: JournalUnderTest.all)
  func writability(_ kind: JournalUnderTest) async throws {
    try await kind.test { fixture in
      try await fixture.journal.checkWritable()
      try await fixture.journal.checkWritable()
      #expect(fixture.journal.head.next == 1)
      #expect(try await fixture.journal.lanes().isEmpty)
    }
  }
}

@Suite("Deadlines")
struct DeadlineTests {
  @Test("an append that has not begun at its deadline is withdrawn, at its deadline", arguments: JournalUnderTest.all)
  func withdrawn(_ kind: JournalUnderTest) async throws {
    try await kind.test { fixture in
      let release = try await fixture.stall()
      // The writer is still held up when these come back.
      await #expect(throws: JournalError.deadlineExceeded) {
        try await fixture.journal.append(.sample("late"), deadline: .now + .milliseconds(50))
      }
      await #expect(throws: JournalError.deadlineExceeded) {
        try await fixture.journal.append(.sample("later"), deadline: .now - .seconds(1))
      }
      release()
      #expect(try await fixture.append(.sample("in time")) == 1)
      try await fixture.reopen()
      #expect(try await fixture.readAll().map(\.text) == ["in time"])
    }
  }

  @Test("each of many appends keeps to its own deadline", arguments: JournalUnderTest.all)
  func manyDeadlines(_ kind: JournalUnderTest) async throws {
    try await kind.test { fixture in
      let journal = fixture.journal
      let release = try await fixture.stall()
      let patient = (0..<20).map { number in
        Task { try await journal.append(.sample("patient \(number)"), deadline: .soon) }
      }
      await withTaskGroup(of: Void.self) { group in
        for delay in (0..<40).reversed() {
          group.addTask {
            await #expect(throws: JournalError.deadlineExceeded) {
              try await journal.append(.sample("late"), deadline: .now + .milliseconds(5 * delay))
            }
          }
        }
      }
      release()
      for append in patient { _ = try await append.value }
      #expect(try await fixture.readAll().count == 20)
      #expect(try await fixture.readAll().allSatisfy { $0.text.hasPrefix("patient") })
    }
  }
}
