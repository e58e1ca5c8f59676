import GatewayCore
import SQLiteJournal
import Spool
import Testing

@Suite("What the journal does not take in time")
struct SpoolingTests {
  @Test(
    "is spooled, answered, and appended later",
    arguments: [JournalError.deadlineExceeded, .unavailable("the server is away"), .full])
  func failing(_ error: JournalError) async throws {
    try await SpoolFixture.test { fixture in
      try await fixture.append(.sample("before"))
      fixture.journal.mode = .failing(error)
      for text in ["1", "2", "3"] {
        guard case .appended = try await fixture.append(.sample(text, events: 5)) else {
          Issue.record("it was taken for a repeat")
          return
        }
      }
      #expect(fixture.spool.depth == 3)
      #expect(try await fixture.spool.oldest() == .start)
      #expect(try await fixture.journalled() == ["before"])
      fixture.journal.mode = .healthy
      await fixture.isDrained()
      #expect(try await fixture.journalled() == ["before", "1", "2", "3"])
      #expect(fixture.journal.inner.head.next == .first + 16)
      #expect(try await fixture.spool.oldest() == nil)
    }
  }

  @Test("keeps its id, its moment, its key and its events")
  func same() async throws {
    try await SpoolFixture.test { fixture in
      fixture.journal.mode = .failing(.deadlineExceeded)
      let batch = NewBatch.sample("1", events: 3, key: .sample(1))
      try await fixture.append(batch)
      fixture.journal.mode = .healthy
      await fixture.isDrained()
      let stored = try await #require(fixture.journal.inner.batch(batch.id))
      #expect((stored.eventCount, stored.receivedAt, stored.derivation) == (3, batch.receivedAt, batch.derivation))
      #expect(stored.kind == batch.kind)
      var again = NewBatch.sample("2", key: .sample(1))
      again.id = batch.id
      #expect(try await fixture.journal.inner.append(again, deadline: .soon) == .duplicate(of: stored.first))
    }
  }

  @Test("has time left for the spool")
  func deadlines() async throws {
    try await SpoolFixture.test(drains: false) { fixture in
      let deadline = ContinuousClock.now + .seconds(60)
      try await fixture.append(.sample("1"), deadline: deadline)
      #expect(fixture.journal.deadlines == [deadline - .milliseconds(500)])
      let near = ContinuousClock.now + .milliseconds(900)
      _ = try? await fixture.append(.sample("2"), deadline: near)
      #expect(fixture.journal.deadlines[1] >= near - .milliseconds(300))
      #expect(fixture.journal.deadlines[1] < near)
    }
  }

  @Test("is not doubled, where it was appended and only the answer was late")
  func silent() async throws {
    try await SpoolFixture.test { fixture in
      fixture.journal.mode = .silent
      for number in 0..<20 { try await fixture.append(.sample("\(number)")) }
      fixture.journal.mode = .healthy
      await fixture.isDrained()
      #expect(try await fixture.journalled() == (0..<20).map(String.init))
    }
  }

  @Test("does not wait for a journal that is known to be away")
  func known() async throws {
    try await SpoolFixture.test(drains: false) { fixture in
      fixture.journal.mode = .failing(.deadlineExceeded)
      for number in 0..<50 { try await fixture.append(.sample("\(number)")) }
      #expect(fixture.journal.tries == 1)
    }
  }

  @Test("is refused if it cannot be spooled either, with both reasons")
  func neither() async throws {
    try await SpoolFixture.test(drains: false) { fixture in
      fixture.journal.mode = .failing(.unavailable("the server is away"))
      let error = await #expect(throws: JournalError.self) {
        try await fixture.append(.sample("1"), deadline: .now)
      }
      #expect(
        error?.description
          == "the server is away, nor could the callback be spooled: the journal did not commit in time")
    }
  }

  @Test(
    "is not spooled where the callback itself is at fault, or the gateway stops",
    arguments: [
      JournalError.closed, .refused("it has a NUL in it"),
    ])
  func notSpooled(_ error: JournalError) async throws {
    try await SpoolFixture.test { fixture in
      fixture.journal.mode = .failing(error)
      await #expect(throws: error) { try await fixture.append(.sample("1")) }
      #expect(fixture.spool.depth == 0)
    }
  }

  @Test("is answered as the first was, if it is a repeat of one in the spool")
  func repeats() async throws {
    try await SpoolFixture.test(drains: false) { fixture in
      fixture.journal.mode = .failing(.deadlineExceeded)
      let batch = NewBatch.sample("the first", events: 2, key: .sample(1))
      guard case .appended(let first) = try await fixture.append(batch) else {
        Issue.record("it was taken for a repeat")
        return
      }
      #expect(try await fixture.append(.sample("the second", key: .sample(1))) == .duplicate(of: first))
      let found = try await #require(fixture.spool.batch(at: first))
      #expect((found.id, found.payload, found.eventCount) == (batch.id, batch.payload, 2))
      #expect(found.derivation == batch.derivation)
      #expect(fixture.spool.depth == 1)
    }
  }

  @Test("is found to be a repeat of one in the journal when it is drained")
  func repeatsOfJournalled() async throws {
    try await SpoolFixture.test { fixture in
      try await fixture.append(.sample("the first", key: .sample(1)))
      fixture.journal.mode = .failing(.deadlineExceeded)
      try await fixture.append(.sample("the second", key: .sample(1)))
      #expect(try await fixture.spool.batch(at: .first) != nil)
      fixture.journal.mode = .healthy
      await fixture.isDrained()
      #expect(try await fixture.journalled() == ["the first"])
    }
  }

  @Test("leaves the gateway ready as long as the spool takes it")
  func readiness() async throws {
    try await SpoolFixture.test(drains: false) { fixture in
      try await fixture.spool.checkWritable()
      fixture.journal.mode = .failing(.unavailable("the server is away"))
      try await fixture.spool.checkWritable()
      try await fixture.append(.sample("1"))
      let probes = fixture.journal.probes
      try await fixture.spool.checkWritable()
      #expect(fixture.journal.probes == probes)
      await fixture.store.close()
      await #expect(throws: JournalError.self) { try await fixture.spool.checkWritable() }
    }
  }
}
