import GRDB
import GatewayCore
import Testing

@testable import SQLiteJournal

@Suite("Duplicate keys")
struct DuplicateKeysTests {
  /// A key that differs from its neighbours early on, as digests do.
  private static func key(_ number: Int, until moment: Timestamp? = nil) -> DuplicateKey {
    var bytes = [UInt8](repeating: 0, count: 16)
    for index in 0..<4 { bytes[index] = UInt8(truncatingIfNeeded: (number &* 2_654_435_761) >> (8 * index)) }
    bytes[15] = UInt8(truncatingIfNeeded: number)
    return DuplicateKey(bytes: bytes, lifetime: moment.map { .until($0) } ?? .whileRetained)
  }

  /// The keys of a small journal, used as the writer does, with moves that begin at fifty.
  private final class Ledger {
    let queue: DatabaseQueue
    var keys: DuplicateKeys
    var next = SequenceNumber.first
    var now = Timestamp.start

    init() throws {
      queue = try DatabaseQueue()
      keys = try queue.inDatabase { db in
        try Schema.migrate(db)
        return try DuplicateKeys(db, moveAt: 50)
      }
    }

    /// Appends a batch for each key in one transaction; tells for which it was new.
    func append(_ added: [DuplicateKey], failing: Bool = false) throws -> [Bool] {
      try queue.inDatabase { db in
        do {
          let head = next
          let (new, moved) = try db.writeTransaction {
            let new = try added.map { try write($0, db) }
            let moved = try keys.move(withAppends: added.count, head: head, now: now, db)
            if failing {
              next = head
              throw StorageFailure.full
            }
            return (new, moved)
          }
          keys.commit(moved)
          return new
        } catch StorageFailure.full {
          keys.rollBack()
          return []
        }
      }
    }

    private func write(_ key: DuplicateKey, _ db: Database) throws -> Bool {
      guard try keys.claim(key, for: next, now: now, db) == nil else { return false }
      var batch = NewBatch.sample()
      batch.duplicateKey = key
      try BatchWriter(db).write(batch, checksum: 0, at: next)
      next = next + 1
      return true
    }

    /// Trims the batches that hold these keys, as the only ones below the oldest totals.
    func trim(_ trimmed: [DuplicateKey], firsts: [Int]) throws {
      try queue.inDatabase { db in
        for first in firsts { try db.execute(sql: "DELETE FROM batches WHERE first_seq = ?", arguments: [first]) }
        try RunningTotals(position: next, kinds: [NewBatch.sample().kind: .init(total: 1, end: next)]).save(db)
      }
      keys.release(
        zip(trimmed, firsts).compactMap { key, first in
          KeyBytes(key.bytes).map { ($0, SequenceNumber(rawValue: Int64(first))) }
        })
    }

    func reopen() throws { keys = try queue.inDatabase { db in try DuplicateKeys(db, moveAt: 50) } }

    func rows() throws -> Int {
      try queue.inDatabase { db in try Int.fetchOne(db, sql: "SELECT COUNT(*) FROM dedup") ?? 0 }
    }
  }

  private func filled(_ count: Int) throws -> (ledger: Ledger, added: [DuplicateKey]) {
    let ledger = try Ledger()
    let added = (0..<count).map { Self.key($0) }
    for start in stride(from: 0, to: count, by: 10) {
      #expect(try ledger.append(Array(added[start..<min(start + 10, count)])).allSatisfy(\.self))
    }
    return (ledger, added)
  }

  @Test("keys are held in memory and once they have been moved to the table, and after a restart")
  func held() throws {
    let (ledger, added) = try filled(300)
    #expect(try ledger.rows() > 150)
    #expect(ledger.keys.recentCount < 110)
    #expect(try ledger.append(added).allSatisfy { !$0 })
    let before = ledger.keys.recentCount
    try ledger.reopen()
    #expect(ledger.keys.recentCount <= before)
    #expect(try ledger.append(added) == added.map { _ in false })
    #expect(try ledger.append([Self.key(300)]) == [true])
  }

  @Test("a transaction that is rolled back holds no keys, and what it moved is moved again")
  func rolledBack() throws {
    let (ledger, added) = try filled(50)
    let rows = try ledger.rows()
    #expect(try ledger.append([Self.key(50), Self.key(51)], failing: true) == [])
    #expect(try ledger.rows() == rows)
    #expect(try ledger.append([Self.key(50), Self.key(51), Self.key(50)]) == [true, true, false])
    #expect(try ledger.append(added).allSatisfy { !$0 })
    #expect(try ledger.rows() >= 50)
    try ledger.reopen()
    #expect(try ledger.append(added).allSatisfy { !$0 })
  }

  @Test("the key of a batch that has been trimmed is free, wherever it was")
  func trimmed() throws {
    let (ledger, added) = try filled(125)
    #expect(try ledger.rows() > 0)
    try ledger.trim([added[0], added[124]], firsts: [1, 125])
    #expect(try ledger.append([added[0], added[124], added[1]]) == [true, true, false])
    try ledger.reopen()
    #expect(try ledger.append([added[0], added[124]]) == [false, false])
  }

  @Test("a key that has run out is free in the table as in memory, and its new holder is the one that counts")
  func expired() throws {
    let ledger = try Ledger()
    let moment = Timestamp.start + .seconds(60)
    let passing = (0..<60).map { Self.key($0, until: moment) }
    #expect(try ledger.append(passing).allSatisfy(\.self))
    #expect(try ledger.append([Self.key(100)]) == [true])
    #expect(try ledger.rows() >= 60)
    #expect(try ledger.append(passing).allSatisfy { !$0 })
    ledger.now = moment
    let renewed = (0..<60).map { Self.key($0, until: moment + .seconds(60)) }
    #expect(try ledger.append(renewed).allSatisfy(\.self))
    #expect(try ledger.append(passing).allSatisfy { !$0 })
    try ledger.reopen()
    #expect(try ledger.append(passing).allSatisfy { !$0 })
  }

  @Test("rows of trimmed batches do not pile up in the table")
  func purged() throws {
    let (ledger, added) = try filled(400)
    try ledger.trim(Array(added[0..<300]), firsts: Array(1...300))
    for start in stride(from: 400, to: 600, by: 10) {
      _ = try ledger.append((start..<start + 10).map { Self.key($0) })
    }
    #expect(try ledger.rows() <= 300)
    #expect(try ledger.append(Array(added[300..<400])).allSatisfy { !$0 })
    #expect(try ledger.append(Array(added[0..<300])).allSatisfy(\.self))
  }

  @Test("keys are in the order of SQLite's blobs")
  func order() throws {
    let keys = (0..<200).compactMap { KeyBytes(Self.key($0).bytes) }
    let sorted = keys.sorted().map(\.bytes)
    #expect(sorted == keys.map(\.bytes).sorted { $0.lexicographicallyPrecedes($1) })
    #expect(keys.map(\.bytes) == (0..<200).map { Self.key($0).bytes })
  }
}
