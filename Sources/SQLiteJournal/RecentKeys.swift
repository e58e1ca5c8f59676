import GatewayCore

/// Sixteen bytes by which repeats of a callback are known, in the order in which SQLite compares blobs.
struct KeyBytes: Hashable, Comparable {
  private let high: UInt64
  private let low: UInt64

  /// Nil unless there are 16. Written out for arrays, because it runs for each append.
  init?(_ bytes: [UInt8]) {
    guard bytes.count == 16 else { return nil }
    (high, low) = bytes.withUnsafeBytes { raw in
      (
        UInt64(bigEndian: raw.loadUnaligned(fromByteOffset: 0, as: UInt64.self)),
        UInt64(bigEndian: raw.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
      )
    }
  }

  var bytes: [UInt8] { withUnsafeBytes(of: (high.bigEndian, low.bigEndian)) { Array($0) } }

  static func < (left: KeyBytes, right: KeyBytes) -> Bool {
    (left.high, left.low) < (right.high, right.low)
  }
}

/// Which batch holds a key, and for how long.
struct KeyHolder: Hashable {
  var first: SequenceNumber
  /// Nil: as long as the batch is retained.
  var expiresAt: Timestamp?

  func holds(at now: Timestamp) -> Bool { expiresAt.map { now < $0 } ?? true }
}

/// The keys of the newest batches, in memory: a value, tested without a database.
///
/// What a transaction claims is claimed at once, for the rest of the transaction to see, and given back if it is rolled
/// back.
struct RecentKeys {
  private(set) var holders: [KeyBytes: KeyHolder] = [:]
  private var replaced: [(key: KeyBytes, holder: KeyHolder?)] = []

  /// A batch takes a key, from another batch if need be.
  mutating func claim(_ key: KeyBytes, _ holder: KeyHolder) {
    replaced.append((key, holders.updateValue(holder, forKey: key)))
  }

  mutating func commit() { replaced.removeAll(keepingCapacity: true) }

  mutating func rollBack() {
    for (key, holder) in replaced.reversed() { holders[key] = holder }
    commit()
  }

  /// A batch is gone; false if its key is not here, or another batch has taken it.
  mutating func release(_ key: KeyBytes, of first: SequenceNumber) -> Bool {
    guard holders[key]?.first == first else { return false }
    holders[key] = nil
    return true
  }

  /// Forgets those of some keys that batches below `end` hold: they are on record elsewhere.
  mutating func forget(_ keys: [KeyBytes], heldBelow end: SequenceNumber) {
    for key in keys {
      if let holder = holders[key], holder.first < end { holders[key] = nil }
    }
  }
}
