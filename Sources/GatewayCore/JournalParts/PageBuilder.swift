/// Puts a page together within its limits, wherever its batches come from.
package struct PageBuilder {
  package private(set) var page: JournalPage
  private let limit: ReadLimit
  private var looked = 0
  private var bytes = 0

  package init(from start: SequenceNumber, limit: ReadLimit) {
    page = JournalPage(batches: [], damaged: [], through: start)
    self.limit = limit
  }

  /// Whether one more batch may be looked at.
  package var hasRoom: Bool { looked < limit.batches }

  /// A batch that is not wanted.
  package mutating func pass(to end: SequenceNumber) {
    looked += 1
    page.through = max(page.through, end)
  }

  /// A wanted batch; false if it does not fit, and the page ends before it. The first one always fits.
  package mutating func add(_ batch: StoredBatch) -> Bool {
    guard page.batches.isEmpty || bytes + batch.payload.count <= limit.bytes else { return false }
    bytes += batch.payload.count
    page.batches.append(batch)
    pass(to: batch.end)
    return true
  }

  package mutating func addDamaged(_ batch: StoredBatch) {
    page.damaged.append(batch)
    pass(to: batch.end)
  }

  /// There is no further batch below `next`.
  package mutating func finish(at next: SequenceNumber) { page.through = max(page.through, next) }

  /// A page of batches that are in memory.
  package static func page(
    of entries: [RecentBatches.Entry], from start: SequenceNumber, below next: SequenceNumber, limit: ReadLimit,
    wanted: (EventKind) -> Bool
  ) -> JournalPage {
    var builder = PageBuilder(from: start, limit: limit)
    for entry in entries where entry.batch.first < next {
      if !wanted(entry.batch.kind) {
        builder.pass(to: entry.batch.end)
      } else if !builder.add(entry.batch) {
        return builder.page
      }
    }
    if builder.hasRoom { builder.finish(at: next) }
    return builder.page
  }
}
