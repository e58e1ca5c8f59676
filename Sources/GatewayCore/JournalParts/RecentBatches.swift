import DequeModule
import Synchronization

/// The newest committed batches, in memory: lanes that keep up never read the journal itself.
///
/// It is always the journal's end without a gap, so whatever starts within it can be served from it alone. Where others
/// append as well, it is emptied before the head moves past it.
package final class RecentBatches: Sendable {
  /// Bounds of what is kept.
  package static let maximumBytes = 32 << 20
  package static let maximumBatches = 16_384

  /// Shared rather than copied: a batch has several parts that are each counted by reference.
  package final class Entry: Sendable {
    package let batch: StoredBatch

    init(_ batch: StoredBatch) { self.batch = batch }
  }

  private struct State {
    var entries: Deque<Entry> = []
    var bytes = 0

    mutating func removeFirst() {
      if let entry = entries.popFirst() { bytes -= RecentBatches.size(of: entry.batch) }
    }
  }

  private let state = Mutex(State())

  package init() {}

  /// Takes batches in that have been committed and follow those that are here.
  package func append(_ batches: [StoredBatch]) {
    let entries = batches.map(Entry.init)
    state.withLock { state in
      for entry in entries {
        state.entries.append(entry)
        state.bytes += Self.size(of: entry.batch)
      }
      while state.bytes > Self.maximumBytes || state.entries.count > Self.maximumBatches { state.removeFirst() }
    }
  }

  /// Lets go of all: the head is about to move past it.
  package func clear() {
    state.withLock { state in
      state.entries = []
      state.bytes = 0
    }
  }

  /// Lets go of what has been trimmed.
  package func drop(below position: SequenceNumber) {
    state.withLock { state in
      while let first = state.entries.first?.batch.first, first < position { state.removeFirst() }
    }
  }

  /// At most `limit` batches from the one that holds `start`; nil if `start` lies before what is kept.
  package func batches(from start: SequenceNumber, limit: Int) -> [Entry]? {
    state.withLock { state in
      guard let oldest = state.entries.first, oldest.batch.first <= start else { return nil }
      let index = Self.index(of: start, in: state.entries)
      return Array(state.entries[index..<min(index + limit, state.entries.count)])
    }
  }

  /// The first entry that ends after `start`, by bisection.
  private static func index(of start: SequenceNumber, in entries: Deque<Entry>) -> Int {
    var low = 0
    var high = entries.count
    while low < high {
      let middle = (low + high) / 2
      if entries[middle].batch.end > start { high = middle } else { low = middle + 1 }
    }
    return low
  }

  private static func size(of batch: StoredBatch) -> Int { batch.payload.count + entryOverhead }

  /// Roughly what a batch takes besides its payload.
  private static let entryOverhead = 256
}
