import GRDB
package import GatewayCore

extension SQLiteJournal {
  /// Exact where everything from `position` on is retained. What has been trimmed above `position` counts as below it:
  /// nobody can be owed it.
  ///
  /// It reads the headers of a few thousand batches at most, in one transaction, so that no trimming comes between.
  package func totals(below position: SequenceNumber) async throws(JournalError) -> [EventKind: Int] {
    try await database.read { db in
      if let above = try RunningTotals.oldest(atOrAbove: position, db) {
        try Self.totals(below: position, downFrom: above, db)
      } else {
        try Self.totals(below: position, upFrom: RunningTotals.newest(atOrBelow: position, db), db)
      }
    }
  }

  /// Takes what lies between away from known totals.
  private static func totals(below position: SequenceNumber, downFrom above: RunningTotals, _ db: Database) throws
    -> [EventKind: Int]
  {
    var totals = above.kinds.mapValues(\.total)
    try BatchHeader.forEach(from: position, below: above.position, db) { header in
      let kind = JournalHead.entry(for: header.kind, in: above.kinds)
      totals[kind, default: 0] -= header.eventCount - max(0, position - header.first)
    }
    return totals.filter { $0.value > 0 }
  }

  /// Adds what lies between to the newest totals, from which on everything is retained.
  private static func totals(below position: SequenceNumber, upFrom newest: RunningTotals, _ db: Database) throws
    -> [EventKind: Int]
  {
    let counted = JournalHead(next: newest.position, kinds: newest.kinds)
    try BatchHeader.forEach(from: newest.position, below: position, db) { header in
      let end = min(header.end, position)
      counted.advance(to: end, appended: [(kind: header.kind, end: end, eventCount: end - header.first)])
    }
    return counted.kinds.mapValues(\.total)
  }
}
