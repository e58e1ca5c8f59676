import Foundation
import GatewayCore
import OpenSSLSigner
import Testing

@Suite("What operators ask of a journal")
struct ArchiveTests {
  @Test("a batch is found by its id, derived or not, also after a restart", arguments: JournalUnderTest.all)
  func byID(_ kind: JournalUnderTest) async throws {
    try await kind.test { fixture in
      var ids: [BatchID] = []
      for number in 0..<300 {
        var batch = NewBatch.sample("\(number)", at: .start + .milliseconds(number / 3))
        if number.isMultiple(of: 2) {
          let hash = OpenSSLDigest().sha256([Array("\(number)".utf8)])
          batch.id = BatchID(digest: hash)
          batch.duplicateKey = DuplicateKey(bytes: Array(hash.prefix(16)), lifetime: .whileRetained)
        }
        try await fixture.append(batch)
        ids.append(batch.id)
      }
      for _ in 0..<2 {
        for number in stride(from: 0, to: 300, by: 37) {
          #expect(try await fixture.journal.batch(ids[number])?.text == "\(number)")
        }
        #expect(try await fixture.journal.batch(NewBatch.sample().id) == nil)
        #expect(try await fixture.journal.batch(BatchID(digest: Array(repeating: 7, count: 32))) == nil)
        try await fixture.reopen()
      }
    }
  }

  @Test("attempts are kept with a settlement and found by any of their events", arguments: JournalUnderTest.all)
  func attempts(_ kind: JournalUnderTest) async throws {
    try await kind.test { fixture in
      let (lane, other) = (try await fixture.openLane("a"), try await fixture.openLane("b"))
      let answer = AttemptResult.Answer(body: Array("no".utf8), isCut: true)
      let single = AttemptRecord(
        at: .start, first: 3, last: 3, attempt: 2, outcome: .http5xx, status: 503, duration: .milliseconds(12),
        error: "the answer was 503", answer: answer, replay: .random())
      let batch = AttemptRecord(
        at: .start + .seconds(1), first: 2, last: 9, members: [2, 3, 9], eventCount: 3, attempt: 1, outcome: .timeout,
        duration: .seconds(10), error: "none in time")
      let whole = AttemptRecord(
        at: .start + .seconds(2), first: 3, last: 5, eventCount: 2, attempt: 1, outcome: .connect, duration: .zero)
      try await fixture.journal.settle(Settlement(lane: lane, attempts: [single, batch, whole]))
      try await fixture.journal.settle(Settlement(lane: other, attempts: [single]))
      try await fixture.reopen()
      #expect(try await fixture.journal.attempts(of: lane, at: 3) == [single, batch, whole])
      #expect(try await fixture.journal.attempts(of: lane, at: 5) == [whole])
      #expect(try await fixture.journal.attempts(of: lane, at: 9) == [batch])
      #expect(try await fixture.journal.attempts(of: lane, at: 8).isEmpty)

      #expect(try await fixture.journal.trimAttempts(of: lane, keeping: 2, since: .start))
      #expect(try await fixture.journal.attempts(of: lane, at: 3) == [batch, whole])
      #expect(try await fixture.journal.trimAttempts(of: lane, keeping: 2, since: .start + .seconds(2)))
      #expect(try await fixture.journal.attempts(of: lane, at: 3) == [whole])
      #expect(try await fixture.journal.attempts(of: other, at: 3) == [single])
      #expect(try await !fixture.journal.trimAttempts(of: lane, keeping: 2, since: .start + .seconds(3)))
      try await fixture.journal.deleteLane(other)
      #expect(try await fixture.journal.attempts(of: other, at: 3).isEmpty)
    }
  }

  @Test("the exceptions that stand for an event are found, whatever their kind", arguments: JournalUnderTest.all)
  func standingFor(_ kind: JournalUnderTest) async throws {
    try await kind.test { fixture in
      let lane = try await fixture.openLane()
      let exceptions: [DeliveryException] = [
        .dead(4), .retrying(7), .batch([10, 12, 20], keys: []), .parked([11, 13], key: .sample(1)),
        .expired(30...40, events: 5),
      ]
      try await fixture.journal.settle(Settlement(lane: lane, written: exceptions))
      try await fixture.journal.settle(
        Settlement(lane: try await fixture.openLane("other"), written: [.expired(1...50, events: 9)]))
      for (event, expected) in [(4, 0), (7, 1), (10, 2), (12, 2), (20, 2), (11, 3), (13, 3), (30, 4), (35, 4), (40, 4)]
      {
        let found = try await fixture.journal.exceptions(
          of: lane, standingFor: SequenceNumber(rawValue: Int64(event)))
        #expect(found == [exceptions[expected]], "\(event)")
      }
      for event in [5, 14, 15, 41] {
        let found = try await fixture.journal.exceptions(
          of: lane, standingFor: SequenceNumber(rawValue: Int64(event)))
        #expect(found.isEmpty, "\(event)")
      }
    }
  }

  @Test("only what is dead or expired is discarded", arguments: JournalUnderTest.all)
  func discarding(_ kind: JournalUnderTest) async throws {
    try await kind.test { fixture in
      let lane = try await fixture.openLane()
      try await fixture.journal.settle(
        Settlement(lane: lane, written: [.dead(1), .retrying(2), .expired(5...9, events: 3), .dead(12)]))
      let discarded = try await fixture.journal.discardDeadLetters(of: lane, at: [1, 2, 3, 5])
      #expect(discarded == [.dead(1), .expired(5...9, events: 3)])
      #expect(try await fixture.journal.deadLetters(of: lane, from: .first, limit: 9) == [.dead(12)])
      #expect(try await fixture.journal.exceptionCounts(of: lane).retrying == 1)
    }
  }

  @Test("what was discarded no longer keeps its batch", arguments: JournalUnderTest.all)
  func discardedIsTrimmed(_ kind: JournalUnderTest) async throws {
    try await kind.test { fixture in
      let first = try await fixture.append(.sample())
      try await fixture.append(.sample())
      let lane = try await fixture.openLane()
      try await fixture.journal.settle(Settlement(lane: lane, cursor: 3, written: [.dead(first)]))
      let trim = { try await fixture.journal.trim(below: 3, receivedBefore: .start + .seconds(1), limit: 9) }
      #expect(try await trim() == 1)
      _ = try await fixture.journal.discardDeadLetters(of: lane, at: [first])
      #expect(try await trim() == 1)
    }
  }

  @Test("a pause and where a lane began are there after a restart", arguments: JournalUnderTest.all)
  func pauses(_ kind: JournalUnderTest) async throws {
    try await kind.test { fixture in
      let lane = try await fixture.journal.openLane(for: "a", startingAt: 7)
      #expect(lane.start == 7)
      let hold = LaneHold(until: .start, goneURL: 3, pausedAt: .start + .seconds(9))
      try await fixture.journal.settle(Settlement(lane: lane.id, cursor: 9, hold: hold))
      try await fixture.reopen()
      let again = try await fixture.journal.openLane(for: "a", startingAt: 1)
      #expect(again.hold == hold)
      #expect(again.start == 7)
    }
  }

  @Test("retries can be brought forward, and later ones are not touched", arguments: JournalUnderTest.all)
  func broughtForward(_ kind: JournalUnderTest) async throws {
    try await kind.test { fixture in
      let lane = try await fixture.openLane()
      let (early, late) = (Timestamp.start + .seconds(1), Timestamp.start + .seconds(100))
      try await fixture.journal.settle(
        Settlement(lane: lane, written: [.retrying(1, dueAt: early), .retrying(2, dueAt: late), .dead(3)]))
      try await fixture.journal.settle(
        Settlement(lane: lane, dueBy: .start + .seconds(10), written: [.retrying(4, dueAt: late)]))
      let due = try await fixture.journal.dueExceptions(of: lane, by: late, limit: 9, excluding: [])
      #expect(due.map(\.first) == [1, 2, 4])
      #expect(due.map(\.dueAt) == [early, .start + .seconds(10), late])
    }
  }

  @Test(
    "a copy has everything committed, is whole, and is never written over a file", arguments: JournalUnderTest.files)
  func backup(_ kind: JournalUnderTest) async throws {
    try await kind.test { fixture in
      for number in 0..<50 { try await fixture.append(.sample("\(number)", events: 2)) }
      let lane = try await fixture.openLane()
      try await fixture.journal.settle(Settlement(lane: lane, cursor: 5, written: [.dead(2)]))
      let folder = FileManager.default.temporaryDirectory.appendingPathComponent("copy-\(UUID().uuidString)").path
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
      defer { try? FileManager.default.removeItem(atPath: folder) }
      let path = folder + "/journal.db"

      let copy = try await fixture.journal.backUp(to: path)

      #expect(copy.head == 101)
      #expect(copy.events == 100)
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["journal.db"])
      let attributes = try FileManager.default.attributesOfItem(atPath: path)
      #expect(attributes[.posixPermissions] as? Int == 0o600)
      #expect(attributes[.size] as? Int == copy.bytes)
      let restored = try await kind.open(folder, fixture.clock)
      let page = try await restored.read(from: .first, limit: .generous, wanted: { _ in true })
      #expect(page.batches.map(\.text) == (0..<50).map { "\($0)" })
      #expect(try await restored.lanes() == fixture.journal.lanes())
      #expect(try await restored.deadLetters(of: lane, from: .first, limit: 9) == [.dead(2)])
      await restored.close()

      await #expect(throws: JournalError.self) { try await fixture.journal.backUp(to: path) }
      await #expect(throws: JournalError.self) { try await fixture.journal.backUp(to: folder + "/none/journal.db") }
      #expect(
        try FileManager.default.contentsOfDirectory(atPath: folder).sorted() == ["journal.db", "journal.db-lock"])
    }
  }

  @Test(
    "a copy that is made while callbacks come has all that were there when it began", arguments: JournalUnderTest.files)
  func backupUnderLoad(_ kind: JournalUnderTest) async throws {
    try await kind.test { fixture in
      let padding = String(repeating: "x", count: 20_000)
      for number in 0..<200 { try await fixture.append(.sample("\(number) \(padding)")) }
      let path = FileManager.default.temporaryDirectory.appendingPathComponent("copy-\(UUID().uuidString).db").path
      defer { try? FileManager.default.removeItem(atPath: path) }
      let journal = fixture.journal
      let appended = Task {
        var count = 0
        while !Task.isCancelled {
          _ = try await journal.append(.sample("later \(padding)"), deadline: .soon)
          count += 1
        }
        return count
      }
      let copy = try await journal.backUp(to: path)
      appended.cancel()
      let later = try await appended.value
      #expect(copy.events >= 200)
      #expect(copy.events <= 200 + later)
    }
  }
}
