import GatewayCore

/// Reads for one lane from the journal; each call is one short piece of work off the lane's own task.
struct LaneReader: Sendable {
  enum Limit {
    /// Batches a page looks at, wanted or not.
    static let pageBatches = 256
    /// Bytes of payload in a page.
    static let pageBytes = 2 << 20
    /// Bytes of batches that retries are loaded with, or one batch if that is more.
    static let retryBytes = 8 << 20
    /// Exceptions given up in one go.
    static let expiring = 20_000
  }

  let lane: LaneID
  let journal: any Journal
  let cache: BatchCache

  func page(
    from start: SequenceNumber, version: Int, wanted: @escaping @Sendable (EventKind) -> Bool
  ) async throws(JournalError) -> LanePage {
    let limit = ReadLimit(batches: Limit.pageBatches, bytes: Limit.pageBytes)
    let page = try await journal.read(from: start, limit: limit, wanted: wanted)
    var items = page.batches.map(item)
    if !page.damaged.isEmpty {
      items += page.damaged.map { .unreadable($0, reason: Self.damaged) }
      items.sort { $0.first < $1.first }
    }
    return LanePage(version: version, items: items, through: page.through)
  }

  func dueRetries(
    by moment: Timestamp, limit: Int, excluding held: Set<SequenceNumber>
  ) async throws(JournalError) -> LaneRetries {
    let due = try await journal.dueExceptions(of: lane, by: moment, limit: limit, excluding: held)
    let next = try await journal.nextDue(of: lane, excluding: held.union(due.map(\.first)))
    var retries = LaneRetries(readable: [], unreadable: [], nextDue: next)
    var bytes = 0
    for exception in due {
      guard bytes < Limit.retryBytes else {
        retries.nextDue = moment
        break
      }
      let single = ReadLimit(batches: 1, bytes: 1)
      let page = try await journal.read(from: exception.first, limit: single, wanted: { _ in true })
      if let stored = page.batches.first, stored.first <= exception.first {
        switch item(stored) {
        case .batch(let batch):
          if retries.readable.last?.batch.first != batch.first { bytes += batch.size }
          retries.readable.append((exception, batch))
        case .unreadable(_, let reason): retries.unreadable.append((exception, reason))
        }
      } else {
        let reason = page.damaged.isEmpty ? "the event is no longer in the journal" : Self.damaged
        retries.unreadable.append((exception, reason))
      }
    }
    return retries
  }

  func totals(
    below position: SequenceNumber, version: Int, wanted: @Sendable (EventKind) -> Bool
  ) async throws(JournalError) -> LaneTotals {
    LaneTotals(version: version, passed: try await count(below: position, wanted: wanted))
  }

  /// The events are counted and not read, so those that a `match` would leave out are among the unscanned ones.
  func expiry(
    below limit: SequenceNumber, scanned: SequenceNumber, reason: String, alsoDead: Bool,
    wanted: @Sendable (EventKind) -> Bool, now: Timestamp
  ) async throws(JournalError) -> LaneExpiry {
    let pinning = try await journal.pinningExceptions(of: lane, below: limit, limit: Limit.expiring)
    var unscanned = 0
    var acceptedAt = pinning.map(\.acceptedAt).min() ?? now
    if scanned < limit {
      unscanned = try await count(below: limit, wanted: wanted) - count(below: scanned, wanted: wanted)
      let page = try await journal.read(from: scanned, limit: ReadLimit(batches: 1, bytes: 1), wanted: { _ in true })
      acceptedAt = min(acceptedAt, (page.batches + page.damaged).first?.receivedAt ?? now)
    }
    return LaneExpiry(
      limit: limit, reason: reason, exceptions: alsoDead ? pinning : pinning.filter { $0.state == .retrying },
      unscanned: unscanned, acceptedAt: acceptedAt)
  }

  private func count(
    below position: SequenceNumber, wanted: @Sendable (EventKind) -> Bool
  ) async throws(JournalError) -> Int {
    try await journal.totals(below: position).reduce(0) { sum, kind in wanted(kind.key) ? sum + kind.value : sum }
  }

  private func item(_ stored: StoredBatch) -> LanePage.Item {
    do {
      return .batch(try cache.derive(stored))
    } catch {
      return .unreadable(stored, reason: error.description)
    }
  }

  private static let damaged = "the stored callback fails its checksum: the journal's file is damaged there"
}

extension LanePage.Item {
  var first: SequenceNumber {
    switch self {
    case .batch(let batch): batch.first
    case .unreadable(let stored, _): stored.first
    }
  }
}
