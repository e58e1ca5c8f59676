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
    return LanePage(version: version, start: start, items: items, through: page.through)
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
      bytes += try await load(exception, into: &retries)
    }
    return retries
  }

  /// The retry to probe the subscriber with: the one behind a number.
  func probe(
    after number: SequenceNumber, excluding held: Set<SequenceNumber>
  ) async throws(JournalError) -> LaneRetries {
    var retries = LaneRetries(readable: [], unreadable: [], nextDue: nil)
    if let exception = try await journal.nextRetrying(of: lane, after: number, excluding: held) {
      _ = try await load(exception, into: &retries)
    }
    return retries
  }

  /// Returns how many bytes its batches take.
  private func load(_ exception: DeliveryException, into retries: inout LaneRetries) async throws(JournalError) -> Int {
    let (events, bytes, unreadable) = try await events(exception.events)
    if let unreadable {
      retries.unreadable.append((exception, unreadable))
    } else {
      retries.readable.append((exception, events))
    }
    return bytes
  }

  /// The first events of parked runs.
  func runs(_ turns: [ParkedTurn]) async throws(JournalError) -> [LaneRun] {
    var runs: [LaneRun] = []
    var bytes = 0
    for turn in turns {
      var run = LaneRun(turn: turn, members: turn.members ?? [], loaded: [:])
      if turn.members == nil, let stored = try await journal.exception(of: lane, at: turn.first) {
        run.members = stored.events
      }
      guard bytes < Limit.retryBytes, !run.members.isEmpty else {
        run.members = []
        runs.append(run)
        continue
      }
      let (events, size, unreadable) = try await events(
        Array(run.members.prefix(turn.limit)), atMost: Limit.retryBytes - bytes)
      bytes += size
      run.loaded = events
      if events.isEmpty { run.unreadable = unreadable }
      runs.append(run)
    }
    return runs
  }

  /// Reads the batches of events that are in rising order, up to the first that cannot be read, or up to a number of bytes.
  private func events(
    _ members: [SequenceNumber], atMost limit: Int = .max
  ) async throws(JournalError) -> (events: LoadedEvents, bytes: Int, unreadable: String?) {
    var events: LoadedEvents = [:]
    var bytes = 0
    var current: (any DerivedBatch)?
    for member in members {
      if let current, member < current.first + current.eventCount {
        events[member] = current
        continue
      }
      guard bytes < limit else { break }
      let page = try await journal.read(from: member, limit: ReadLimit(batches: 1, bytes: 1), wanted: { _ in true })
      guard let stored = page.batches.first, stored.first <= member else {
        return (events, bytes, page.damaged.isEmpty ? "the event is no longer in the journal" : Self.damaged)
      }
      switch item(stored) {
      case .batch(let batch):
        (current, events[member]) = (batch, batch)
        bytes += batch.size
      case .unreadable(_, let reason): return (events, bytes, reason)
      }
    }
    return (events, bytes, nil)
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
      limit: limit, reason: reason, exceptions: alsoDead ? pinning : pinning.filter { $0.state != .dead },
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
