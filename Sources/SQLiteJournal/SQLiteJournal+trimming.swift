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
    let old = Array(candidates.prefix { $0.end <= bounds.floor && $0.receivedAt < bounds.moment })
    step.isLast = candidates.count < chunk || old.count < candidates.count
    let needed = try Needed(old, db)
    var doomed: [Candidate] = []
    for candidate in old {
      guard doomed.count < bounds.limit else { break }
      if !needed.contains(candidate) { doomed.append(candidate) }
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

    static func read(from frontier: SequenceNumber, _ db: Database) throws -> [Candidate] {
      let select = try db.cachedStatement(
        sql: """
          SELECT first_seq, event_count, received_at, duplicate_key FROM batches
          WHERE first_seq >= \(BatchHeader.holding) ORDER BY first_seq LIMIT ?2
          """)
      return try Row.fetchAll(select, arguments: [frontier.rawValue, chunk]).map { row in
        let first = SequenceNumber(rawValue: row[0])
        return Candidate(
          first: first, end: first + row[1], receivedAt: Timestamp(milliseconds: row[2]),
          duplicateKey: (row[3] as Data?).flatMap { KeyBytes(Array($0)) })
      }
    }
  }

  /// The events among some batches that a retrying, parked or dead exception stands for.
  private struct Needed {
    /// Lowest first, each once or more.
    private var events: [SequenceNumber] = []
    /// Damaged batches, which are dead as a whole.
    private var ranges: [ClosedRange<SequenceNumber>] = []

    init(_ candidates: [Candidate], _ db: Database) throws {
      guard let start = candidates.first?.first, let end = candidates.last?.end else { return }
      let lasts = try Int64.fetchAll(
        db.cachedStatement(
          sql: "SELECT last_seq FROM exceptions WHERE state <> 'expired' AND last_seq >= ? AND last_seq < ?"),
        arguments: [start.rawValue, end.rawValue])
      events = try (lasts.map(SequenceNumber.init(rawValue:)) + Self.members(from: start, to: end, db)).sorted()
      ranges = try Row.fetchAll(
        db.cachedStatement(
          sql: """
            SELECT first_seq, last_seq FROM exceptions
            WHERE state <> 'expired' AND members IS NULL AND last_seq > first_seq AND last_seq >= ?1 AND first_seq < ?2
            """), arguments: [start.rawValue, end.rawValue]
      ).map { SequenceNumber(rawValue: $0[0])...SequenceNumber(rawValue: $0[1]) }
    }

    func contains(_ candidate: Candidate) -> Bool {
      var (low, high) = (0, events.count)
      while low < high {
        let middle = (low + high) / 2
        if events[middle] < candidate.first { low = middle + 1 } else { high = middle }
      }
      if low < events.count, events[low] < candidate.end { return true }
      return ranges.contains { $0.upperBound >= candidate.first && $0.lowerBound < candidate.end }
    }

    /// The events that batches and runs hold on to. They may lie far apart: a run of one key stands for a
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
      return needed
    }
  }
}
