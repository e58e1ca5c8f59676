import Foundation
import GRDB
import GatewayCore
import Synchronization

/// All keys by which repeats are known: the newest in memory, the others in the dedup table.
///
/// Keys are random, so each one that is written to the table changes a page of its own: that would cost more than all
/// the rest of an append. A key is therefore written with its batch only, kept in memory, and moved to the table
/// later, many at a time and in order, where neighbours share a page. After a start the keys that had not been moved
/// are read from their batches.
///
/// The lock is there for the compiler: everything here runs on the writing connection.
final class DuplicateKeys: Sendable {
  /// Keys in memory that make it time to move them; twice as many can be there before the move is done.
  static let defaultMoveAt = 65_536
  /// Keys moved with each group: so many for each of its appends, at least some.
  private static let movedPerAppend = 4
  private static let movedAtLeast = 64

  private struct State {
    var recent = RecentKeys()
    var move: Move?
    /// Rows in the table, roughly, and how many of them are of batches that have been trimmed.
    var rows = 0
    var voidRows = 0
  }

  /// Keys on their way into the table, over several transactions.
  private struct Move {
    /// In order.
    var keys: [KeyBytes]
    var position = 0
    /// All keys of batches below this are among them or in the table.
    var end: SequenceNumber
    /// Whether to delete what is void on the way.
    var purges: Bool
    var purged = 0

    var isDone: Bool { position == keys.count }
  }

  private let moveAt: Int
  private let state: Mutex<State>

  /// Reads what is not in the table yet.
  init(_ db: Database, moveAt: Int = DuplicateKeys.defaultMoveAt) throws {
    self.moveAt = moveAt
    var state = State()
    guard let meta = try Row.fetchOne(db, sql: "SELECT keys_through, dedup_rows, dedup_void FROM meta") else {
      throw StorageFailure.corrupt("the journal's meta table is empty; restore a backup")
    }
    state.rows = meta[1]
    state.voidRows = meta[2]
    let rows = try Row.fetchCursor(
      db, sql: "SELECT first_seq, duplicate_key, key_expires_at FROM batches WHERE first_seq >= ?",
      arguments: [meta[0] as Int64])
    while let row = try rows.next() {
      guard let key = try row.withUnsafeData(atIndex: 1, { data in data.flatMap { KeyBytes(Array($0)) } }) else {
        continue
      }
      state.recent.claim(
        key,
        KeyHolder(
          first: SequenceNumber(rawValue: row[0]), expiresAt: (row[2] as Int64?).map(Timestamp.init(milliseconds:))))
    }
    state.recent.commit()
    self.state = Mutex(state)
  }

  /// How many are in memory.
  var recentCount: Int { state.withLock { $0.recent.holders.count } }

  /// Where the batches start that hold these keys, as far as they are in memory.
  func recentHolders(of keys: [[UInt8]]) -> [SequenceNumber] {
    state.withLock { state in keys.compactMap { KeyBytes($0).flatMap { state.recent.holders[$0]?.first } } }
  }

  /// Claims a key for a batch that is being written; if another one holds it, says where that one starts.
  func claim(_ key: DuplicateKey, for first: SequenceNumber, now: Timestamp, _ db: Database) throws -> SequenceNumber? {
    guard let bytes = KeyBytes(key.bytes) else { return nil }
    return try state.withLock { state in
      if let holder = state.recent.holders[bytes] {
        if holder.holds(at: now) { return holder.first }
      } else if let holder = try Self.holderInTable(of: key.bytes, now: now, db) {
        return holder
      }
      state.recent.claim(bytes, KeyHolder(first: first, expiresAt: key.lifetime.expiry))
      return nil
    }
  }

  /// The batches have been trimmed.
  func release(_ released: [(key: KeyBytes, first: SequenceNumber)]) {
    state.withLock { state in
      for (key, first) in released where !state.recent.release(key, of: first) { state.voidRows += 1 }
    }
  }

  func rollBack() { state.withLock { $0.recent.rollBack() } }

  /// - Parameter moved: What `move` returned in the transaction.
  func commit(_ moved: Moved) {
    state.withLock { state in
      state.recent.commit()
      guard var move = state.move else { return }
      move.position += moved.keys
      move.purged += moved.purged
      state.rows += moved.keys - moved.purged
      state.move = move
      guard move.isDone else { return }
      state.recent.forget(move.keys, heldBelow: move.end)
      state.move = nil
    }
  }

  private static func holderInTable(of key: [UInt8], now: Timestamp, _ db: Database) throws -> SequenceNumber? {
    // A row outlives its batch until it is purged.
    let select = try db.cachedStatement(
      sql: """
        SELECT first_seq FROM dedup JOIN batches USING (first_seq)
        WHERE key = ? AND (expires_at IS NULL OR expires_at > ?)
        """)
    return try Int64.fetchOne(select, arguments: [Data(key), now.milliseconds]).map(SequenceNumber.init(rawValue:))
  }
}

// MARK: Moving keys into the table

extension DuplicateKeys {
  /// What one transaction has moved.
  struct Moved {
    var keys = 0
    var purged = 0
  }

  /// Moves some keys, as part of a transaction with so many appends, if it is time.
  ///
  /// - Parameter head: Where the journal ends before this transaction.
  func move(withAppends count: Int, head: SequenceNumber, now: Timestamp, _ db: Database) throws -> Moved {
    try state.withLock { state in
      if state.move == nil, state.recent.holders.count >= moveAt { state.move = start(&state, head: head) }
      guard let move = state.move else { return Moved() }
      let end = min(move.keys.count, move.position + max(Self.movedAtLeast, count * Self.movedPerAppend))
      let write = try db.cachedStatement(sql: Self.writeKey)
      for key in move.keys[move.position..<end] {
        guard let holder = state.recent.holders[key] else { continue }
        try write.execute(arguments: [Data(key.bytes), holder.first.rawValue, holder.expiresAt?.milliseconds])
      }
      var moved = Moved(keys: end - move.position)
      if move.purges { moved.purged = try Self.purge(move, to: end, now: now, db) }
      if end == move.keys.count {
        try db.execute(
          sql: "UPDATE meta SET keys_through = ?, dedup_rows = ?, dedup_void = ?",
          arguments: [move.end.rawValue, state.rows + moved.keys - moved.purged, state.voidRows])
      }
      return moved
    }
  }

  private func start(_ state: inout State, head: SequenceNumber) -> Move {
    let purges = state.voidRows >= max(moveAt, state.rows / Self.voidShare)
    if purges { state.voidRows = 0 }
    return Move(keys: state.recent.holders.keys.sorted(), end: head, purges: purges)
  }

  /// Deletes the void rows among those that lie between the keys moved last and the ones moved now.
  private static func purge(_ move: Move, to end: Int, now: Timestamp, _ db: Database) throws -> Int {
    let lower = move.position == 0 ? [] : move.keys[move.position - 1].bytes
    let upper = end == move.keys.count ? [UInt8](repeating: 0xFF, count: 17) : move.keys[end - 1].bytes
    try db.cachedStatement(sql: deleteVoid).execute(arguments: [Data(lower), Data(upper), now.milliseconds])
    return db.changesCount
  }

  /// One in so many rows may be void before they are purged: that reads the whole table.
  private static let voidShare = 4

  static let writeKey = """
    INSERT INTO dedup (key, first_seq, expires_at) VALUES (?, ?, ?)
    ON CONFLICT (key) DO UPDATE SET first_seq = excluded.first_seq, expires_at = excluded.expires_at
    """

  /// No batch at or above the oldest totals has been trimmed, so most rows need no look at the batches.
  private static let deleteVoid = """
    DELETE FROM dedup WHERE key > ?1 AND key <= ?2 AND (expires_at <= ?3
      OR first_seq < (SELECT MIN(first_seq) FROM counts)
        AND NOT EXISTS (SELECT 1 FROM batches WHERE batches.first_seq = dedup.first_seq))
    """
}
