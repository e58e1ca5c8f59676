import GatewayCore

/// Puts a page together within its limits, wherever its batches come from.
struct PageBuilder {
  private(set) var page: JournalPage
  private let limit: ReadLimit
  private var looked = 0
  private var bytes = 0

  init(from start: SequenceNumber, limit: ReadLimit) {
    page = JournalPage(batches: [], damaged: [], through: start)
    self.limit = limit
  }

  /// Whether one more batch may be looked at.
  var hasRoom: Bool { looked < limit.batches }

  /// A batch that is not wanted.
  mutating func pass(to end: SequenceNumber) {
    looked += 1
    page.through = max(page.through, end)
  }

  /// A wanted batch; false if it does not fit, and the page ends before it. The first one always fits.
  mutating func add(_ batch: StoredBatch) -> Bool {
    guard page.batches.isEmpty || bytes + batch.payload.count <= limit.bytes else { return false }
    bytes += batch.payload.count
    page.batches.append(batch)
    pass(to: batch.end)
    return true
  }

  mutating func addDamaged(_ batch: StoredBatch) {
    page.damaged.append(batch)
    pass(to: batch.end)
  }

  /// There is no further batch below `next`.
  mutating func finish(at next: SequenceNumber) { page.through = max(page.through, next) }
}
