import Foundation
import GRDB
import GatewayCore
import Testing

@testable import SQLiteJournal

@Suite("What is answered OK is on disk")
struct DurabilityTests {
  @Test("the connection that commits has synchronous at FULL, in a write-ahead log without SQLite's own checkpoints")
  func settings() async throws {
    let place = try TemporaryJournal()
    let journal = try await place.open()
    // Read on the writing connection itself, after it has committed.
    _ = try await journal.append(.sample(), deadline: .soon)
    let synchronous = try await journal.withWriter { db in try Int.fetchOne(db, sql: "PRAGMA synchronous") }
    #expect(synchronous == 2)
    #expect(try await journal.withWriter { db in try WriterSettings(db) } == .durable)
    await journal.close()
  }

  @Test("settings that SQLite did not take are told from those that make commits durable")
  func wrongSettings() throws {
    let queue = try DatabaseQueue()
    try queue.inDatabase { db in
      try db.execute(sql: "PRAGMA synchronous = NORMAL")
      #expect(try WriterSettings(db) != .durable)
    }
  }

  @Test("an append is in the files when it returns: a copy of them, taken while the journal is open, has it")
  func copyOfOpenFiles() async throws {
    let place = try TemporaryJournal()
    let journal = try await place.open()
    try await journal.appendAll((0..<300).map { .sample(Array("\($0)".utf8), events: 2) })
    let lane = try await journal.openLane(for: "moderation", startingAt: .first)
    try await journal.settle(Settlement(lane: lane.id, cursor: SequenceNumber(rawValue: 77)))

    let copy = try TemporaryJournal()
    for suffix in ["", "-wal"] {
      try FileManager.default.copyItem(atPath: place.path + suffix, toPath: copy.path + suffix)
    }
    let recovered = try await copy.open()
    #expect(recovered.head.next == SequenceNumber(rawValue: 601))
    #expect(recovered.head.kinds == journal.head.kinds)
    #expect(try await recovered.lanes().map(\.cursor) == [SequenceNumber(rawValue: 77)])
    let read = try await recovered.readAll()
    #expect(read.batches.count == 256)
    #expect(read.damaged.isEmpty)
    await recovered.close()
    await journal.close()
  }

  @Test("a copy whose log is torn off at any point has a beginning of what was appended, without a gap")
  func tornLog() async throws {
    let place = try TemporaryJournal()
    let journal = try await place.open()
    for number in 0..<20 { _ = try await journal.append(.sample(Array("\(number)".utf8), events: 3), deadline: .soon) }
    let log = try Data(contentsOf: URL(fileURLWithPath: place.path + "-wal"))
    var heads: Set<Int> = []
    for cut in stride(from: 0, through: log.count, by: max(1, log.count / 17)) {
      let copy = try TemporaryJournal()
      try FileManager.default.copyItem(atPath: place.path, toPath: copy.path)
      try log.prefix(cut).write(to: URL(fileURLWithPath: copy.path + "-wal"))
      let recovered = try await copy.open()
      let count = recovered.head.next - .first
      #expect(count % 3 == 0)
      let read = try await recovered.readAll()
      #expect(read.batches.map { String(decoding: $0.payload, as: UTF8.self) } == (0..<count / 3).map { "\($0)" })
      heads.insert(count)
      await recovered.close()
    }
    #expect(heads.count > 5)
    await journal.close()
  }

  @Test("the write-ahead log does not grow without end, and what it held is in the file")
  func logIsBounded() async throws {
    let place = try TemporaryJournal()
    let journal = try await place.open()
    let payload = [UInt8](repeating: 7, count: 256 << 10)
    for _ in 0..<40 { try await journal.appendAll((0..<4).map { _ in .sample(payload) }) }
    #expect(try place.size("journal.db-wal") < 24 << 20)
    #expect(try place.size("journal.db") > 30 << 20)
    await journal.close()
    #expect(!FileManager.default.fileExists(atPath: place.path + "-wal"))
  }
}
