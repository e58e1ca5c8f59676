import GRDB
import GatewayCore
import Testing

@testable import SQLiteJournal

@Suite("A full disk")
struct FullDiskTests {
  @Test("it refuses appends at their deadline while settlements and reading go on, and trimming makes room again")
  func appendsRefused() async throws {
    let place = try TemporaryJournal()
    let journal = try await place.open()
    let lane = try await journal.openLane(for: "moderation", startingAt: .first)
    let payload = [UInt8](repeating: 1, count: 50_000)
    for _ in 0..<10 { _ = try await journal.append(.sample(payload), deadline: .soon) }
    try await setRoom(inPages: 4, journal)

    for _ in 0..<2 {
      await #expect(throws: JournalError.full) { try await journal.append(.sample(payload), deadline: .shortly) }
    }
    #expect(journal.head.next == SequenceNumber(rawValue: 11))
    try await journal.settle(Settlement(lane: lane.id, cursor: SequenceNumber(rawValue: 9)))
    #expect(try await journal.lanes().map(\.cursor) == [SequenceNumber(rawValue: 9)])
    #expect(try await journal.readAll().batches.count == 10)
    let complaints = place.logs.lines.filter { $0.message == "journal cannot commit" }
    #expect(complaints.count == 1)

    #expect(
      try await journal.trim(below: SequenceNumber(rawValue: 9), receivedBefore: .start + .seconds(1), limit: 9) == 8)
    #expect(try await journal.append(.sample(payload), deadline: .soon) == .appended(SequenceNumber(rawValue: 11)))
    #expect(place.logs.lines.contains { $0.message == "journal commits again" })
    await journal.close()
  }

  @Test("settlements of the same group as an append that finds no room are kept")
  func settlementsOfTheSameGroup() async throws {
    let place = try TemporaryJournal()
    let journal = try await place.open()
    let lane = try await journal.openLane(for: "moderation", startingAt: .first)
    try await setRoom(inPages: 2, journal)
    let group = Gate()
    let held = Task { try await journal.withWriter { _ in group.hold() } }
    await group.reached()
    let append = Task { try await journal.append(.sample(.init(repeating: 1, count: 100_000)), deadline: .shortly) }
    let settlement = Task {
      try await journal.settle(Settlement(lane: lane.id, cursor: SequenceNumber(rawValue: 5)))
    }
    await Task.yield()
    group.open()
    try await held.value
    await #expect(throws: JournalError.full) { try await append.value }
    try await settlement.value
    #expect(try await journal.lanes().map(\.cursor) == [SequenceNumber(rawValue: 5)])
    await journal.close()
  }

  @Test("an append that finds no room is on disk as soon as trimming has made some, and those behind it too")
  func waitingForRoom() async throws {
    let place = try TemporaryJournal()
    let journal = try await place.open()
    let lane = try await journal.openLane(for: "moderation", startingAt: .first)
    let payload = [UInt8](repeating: 1, count: 50_000)
    for _ in 0..<10 { _ = try await journal.append(.sample(payload), deadline: .soon) }
    try await setRoom(inPages: 4, journal)
    let (shortages, short) = AsyncStream<Void>.makeStream()
    journal.room.observe { free in if free == 0 { short.yield() } }
    let appends = (0..<3).map { _ in
      Task { try await journal.append(.sample(payload), deadline: .soon) }
    }
    for await _ in shortages { break }
    try await journal.settle(Settlement(lane: lane.id, cursor: SequenceNumber(rawValue: 9)))
    #expect(journal.head.next == SequenceNumber(rawValue: 11))

    #expect(
      try await journal.trim(below: SequenceNumber(rawValue: 9), receivedBefore: .start + .seconds(1), limit: 9) == 8)
    var numbers: [AppendOutcome] = []
    for append in appends { numbers.append(try await append.value) }
    #expect(Set(numbers) == Set((11...13).map { .appended(SequenceNumber(rawValue: $0)) }))
    #expect(!place.logs.lines.contains { $0.message == "journal cannot commit" }, "nobody was refused")
    await journal.close()
  }

  @Test("a journal that is closed refuses what still waits for room")
  func closing() async throws {
    let place = try TemporaryJournal()
    let journal = try await place.open()
    try await setRoom(inPages: 2, journal)
    let (shortages, short) = AsyncStream<Void>.makeStream()
    journal.room.observe { free in if free == 0 { short.yield() } }
    let append = Task { try await journal.append(.sample(.init(repeating: 1, count: 100_000)), deadline: .soon) }
    for await _ in shortages { break }
    await journal.close()
    await #expect(throws: JournalError.full) { try await append.value }
  }

  @Test("with no room at all the journal says that it cannot be written")
  func checkWritable() async throws {
    let place = try TemporaryJournal()
    let journal = try await place.open()
    try await journal.checkWritable()
    try await setRoom(inPages: 0, journal)
    // What the first check has taken is free again and enough for another: fill it.
    while (try? await journal.append(.sample(.init(repeating: 1, count: 3000)), deadline: .shortly)) != nil {}
    await #expect(throws: JournalError.full) { try await journal.checkWritable() }
    try await setRoom(inPages: 1000, journal)
    try await journal.checkWritable()
    await journal.close()
  }

  @Test("what would reach into the reserve has no room, unless the file itself has free pages for it")
  func reserve() async throws {
    let place = try TemporaryJournal()
    let journal = try await place.open()
    let file = try JournalFile(path: place.path)
    let reserve = try DiskReserve(file)
    #expect(reserve.bytes > 0)
    let all = try file.volume().free
    let room = try await journal.withWriter { db in try reserve.room(db) }
    #expect(room.single > 1000)
    #expect(room.single < all - reserve.bytes / 2)
    #expect(room.group <= reserve.bytes / 2)
    let space = try await journal.space()
    #expect(space.free < all)
    await journal.close()
  }

  /// Lets the file grow by so many pages from now.
  private func setRoom(inPages pages: Int, _ journal: SQLiteJournal) async throws {
    try await journal.withWriter { db in
      let size = try Int.fetchOne(db, sql: "PRAGMA page_count") ?? 0
      try db.execute(sql: "PRAGMA max_page_count = \(size + pages)")
    }
  }
}
