import GRDB
import GatewayCore
import SQLiteJournal
import Testing

@Suite("Damage")
struct DamageTests {
  @Test("a payload with one bit turned is told apart, in its place, and not given out")
  func oneBit() async throws {
    let place = try TemporaryJournal()
    let first = try await place.open()
    for text in ["one", "two", "three"] { _ = try await first.append(.sample(Array(text.utf8)), deadline: .soon) }
    await first.close()
    let queue = try DatabaseQueue(path: place.path)
    try await queue.write { db in
      // "two" and "tvo" differ by one bit.
      try db.execute(sql: "UPDATE batches SET payload = CAST('tvo' AS BLOB) WHERE first_seq = 2")
    }
    try queue.close()
    let journal = try await place.open()
    let page = try await journal.readAll()
    #expect(page.batches.map { String(decoding: $0.payload, as: UTF8.self) } == ["one", "three"])
    #expect(page.damaged.map(\.first) == [SequenceNumber(rawValue: 2)])
    #expect(page.damaged.map(\.eventCount) == [1])
    #expect(page.damaged.allSatisfy { $0.payload.isEmpty })
    #expect(page.through == SequenceNumber(rawValue: 4))
    let unwanted = try await journal.read(
      from: .first, limit: ReadLimit(batches: 9, bytes: 99), wanted: { _ in false })
    #expect(unwanted.damaged.isEmpty)
    await journal.close()
  }

  @Test("a batch whose id is damaged counts as damaged")
  func brokenID() async throws {
    let place = try TemporaryJournal()
    let first = try await place.open()
    _ = try await first.append(.sample(), deadline: .soon)
    await first.close()
    let queue = try DatabaseQueue(path: place.path)
    try await queue.write { db in try db.execute(sql: "UPDATE batches SET batch_id = x'0102'") }
    try queue.close()
    let journal = try await place.open()
    let page = try await journal.readAll()
    #expect(page.batches.isEmpty)
    #expect(page.damaged.count == 1)
    await journal.close()
  }
}
