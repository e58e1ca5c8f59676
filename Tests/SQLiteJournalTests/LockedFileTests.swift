import GRDB
import GatewayCore
import SQLiteJournal
import Testing

@Suite("A commit that takes long")
struct LockedFileTests {
  @Test("its caller hears at the deadline, and the commit goes on and is there")
  func underWayAtDeadline() async throws {
    let place = try TemporaryJournal()
    let journal = try await place.open()
    // Another program has the write lock: the commit has begun and waits for it.
    let other = try DatabaseQueue(path: place.path)
    let gate = Gate()
    let holding = Task {
      try await other.writeWithoutTransaction { db in
        try db.beginTransaction(.immediate)
        gate.hold()
        try db.rollback()
      }
    }
    await gate.reached()
    let early = Task { try await journal.append(.sample(Array("early".utf8)), deadline: .now + .milliseconds(100)) }
    await #expect(throws: JournalError.deadlineExceeded) { try await early.value }
    gate.open()
    try await holding.value
    try other.close()
    #expect(
      try await journal.append(.sample(Array("next".utf8)), deadline: .soon) == .appended(SequenceNumber(rawValue: 2)))
    let texts = try await journal.readAll().batches.map { String(decoding: $0.payload, as: UTF8.self) }
    #expect(texts == ["early", "next"])
    await journal.close()
  }
}
