import Foundation
import GRDB
package import GatewayCore

extension SQLiteJournal {
  /// Goes up from the oldest batch that may have become free and stops at the first one that is too young or not
  /// below the floor, in short transactions with commits in between.
  package func trim(below floor: SequenceNumber, receivedBefore moment: Timestamp, limit: Int)
    async throws(JournalError) -> Int
  {
    var deleted = 0
    while deleted < limit {
      let bounds = TrimBounds(floor: floor, moment: moment, limit: limit - deleted)
      let step = try await database.withWriter { [database, frontier, head, keys] db in
        let step = try database.writeTransaction(db) {
          try TrimStep.take(from: frontier.current, bounds, head: head, db)
        }
        // Only now: what was rolled back is to be looked at again.
        frontier.move(to: step.frontier)
        keys.release(step.released)
        return step
      }
      recent.drop(below: step.deletedBelow)
      if step.deleted > 0 { roomMade() }
      deleted += step.deleted
      if step.isLast { break }
    }
    // Somebody else may have made room on the volume.
    if deleted == 0 { roomMade() }
    return deleted
  }
}

/// What trimming may delete.
struct TrimBounds {
  var floor: SequenceNumber
  var moment: Timestamp
  /// Batches at most.
  var limit: Int
}

/// One short transaction of trimming.
struct TrimStep {
  /// Where the next one goes on.
  var frontier: SequenceNumber
  var deleted = 0
  /// The end of the last batch that was deleted.
  var deletedBelow = SequenceNumber.first
  /// The duplicate keys of what was deleted.
  var released: [(key: KeyBytes, first: SequenceNumber)] = []
  /// Whether there is nothing beyond that may be deleted now.
  var isLast = false

  /// Batches looked at in one transaction.
  private static let chunk = 256

  static func take(from frontier: SequenceNumber, _ bounds: TrimBounds, head: JournalHead, _ db: Database) throws
    -> TrimStep
  {
    var step = TrimStep(frontier: frontier)
    let candidates = try Candidate.read(from: frontier, db)
    step.isLast = candidates.count < chunk
    var doomed: [Candidate] = []
    for candidate in candidates {
      guard candidate.end <= bounds.floor, candidate.receivedAt < bounds.moment else {
        step.isLast = true
        break
      }
      guard doomed.count < bounds.limit else { break }
      if !candidate.isNeeded { doomed.append(candidate) }
      step.frontier = candidate.end
    }
    try step.delete(doomed, head: head, db)
    return step
  }

  private mutating func delete(_ doomed: [Candidate], head: JournalHead, _ db: Database) throws {
    guard let last = doomed.last else { return }
    // Totals must be known above all that goes: they cannot be counted again.
    if try RunningTotals.oldest(atOrAbove: last.end, db) == nil {
      try RunningTotals(position: head.next, kinds: head.kinds).save(db)
    }
    try db.execute(sql: "DELETE FROM counts WHERE first_seq < ?", arguments: [last.end.rawValue])
    let batch = try db.cachedStatement(sql: "DELETE FROM batches WHERE first_seq = ?")
    for candidate in doomed { try batch.execute(arguments: [candidate.first.rawValue]) }
    released = doomed.compactMap { candidate in candidate.duplicateKey.map { ($0, candidate.first) } }
    deleted = doomed.count
    deletedBelow = last.end
  }

  /// A batch that trimming looks at.
  private struct Candidate {
    var first: SequenceNumber
    var end: SequenceNumber
    var receivedAt: Timestamp
    var duplicateKey: KeyBytes?
    /// Events of a retrying, parked or dead exception lie in it.
    var isNeeded: Bool

    static func read(from frontier: SequenceNumber, _ db: Database) throws -> [Candidate] {
      let select = try db.cachedStatement(
        sql: """
          SELECT first_seq, event_count, received_at, duplicate_key,
            EXISTS (SELECT 1 FROM exceptions AS single WHERE single.state <> 'expired'
              AND single.last_seq >= batches.first_seq AND single.last_seq < batches.first_seq + batches.event_count)
            OR EXISTS (SELECT 1 FROM exceptions AS range WHERE range.state <> 'expired'
              AND range.members IS NULL AND range.last_seq > range.first_seq AND range.last_seq >= batches.first_seq
              AND range.first_seq < batches.first_seq + batches.event_count)
          FROM batches
          WHERE first_seq >= \(BatchHeader.holding) ORDER BY first_seq LIMIT ?2
          """)
      var candidates = try Row.fetchAll(select, arguments: [frontier.rawValue, chunk]).map { row in
        let first = SequenceNumber(rawValue: row[0])
        return Candidate(
          first: first, end: first + row[1], receivedAt: Timestamp(milliseconds: row[2]),
          duplicateKey: (row[3] as Data?).flatMap { KeyBytes(Array($0)) },
          isNeeded: row[4])
      }
      guard let first = candidates.first, let last = candidates.last else { return [] }
      var needed = try members(from: first.first, to: last.end, db)[...]
      for index in candidates.indices {
        needed = needed.drop { $0 < candidates[index].first }
        if let next = needed.first, next < candidates[index].end { candidates[index].isNeeded = true }
      }
      return candidates
    }

    /// The events that batches and runs hold on to, lowest first. They may lie far apart: a run of one key stands for a
    /// few events of many callbacks, and does not need those in between.
    private static func members(
      from start: SequenceNumber, to end: SequenceNumber, _ db: Database
    ) throws -> [SequenceNumber] {
      let lists = try Data.fetchCursor(
        db.cachedStatement(
          sql: """
            SELECT members FROM exceptions
            WHERE state <> 'expired' AND last_seq > first_seq AND last_seq >= ?1 AND first_seq < ?2
              AND members IS NOT NULL
            """), arguments: [start.rawValue, end.rawValue])
      var needed: [SequenceNumber] = []
      while let list = try lists.next() {
        guard let members = SequenceList.decode(Array(list)) else {
          throw StorageFailure.corrupt("the journal has an exception whose events cannot be read")
        }
        needed += members.filter { $0 >= start && $0 < end }
      }
      return needed.sorted()
    }
  }
}
