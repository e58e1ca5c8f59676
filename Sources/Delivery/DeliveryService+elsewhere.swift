import GatewayCore
import OrderedCollections

// What is known of subscribers whose lanes other gateways work: what the journal has.

/// What was last read of lanes elsewhere.
struct DistantLanes {
  /// What is counted once for a position, since it takes a look at the journal for each subscriber.
  struct Position {
    var cursor: SequenceNumber
    var fingerprint: String
    /// Wanted events below the cursor.
    var passed: Int
    /// When the first wanted one from there on was accepted.
    var oldest: Timestamp?
  }

  /// How long what was read is shown.
  static let age = Duration.seconds(1)

  /// What was looked for last.
  var names: Set<String> = []
  var records: [String: LaneRecord] = [:]
  var counts: [LaneID: ExceptionCounts] = [:]
  var readAt: ContinuousClock.Instant?
  var positions: [String: Position] = [:]
}

extension DeliveryService {
  /// A subscriber that is in the routes and is not misconfigured, wherever its lanes are worked.
  func subscriber(named name: String) -> Subscriber? {
    board.lanes[name]?.subscriber ?? elsewhere[name]?.subscriber
  }

  /// How far live delivery has come. The journal has that a little later than whoever works the lane.
  func cursor(of subscriber: String) async throws(ControlError) -> SequenceNumber {
    if let lane = board.lanes[subscriber] { return lane.figures.cursor }
    if let told = try? await passOn(.tellCursor, of: subscriber)?.cursor { return SequenceNumber(rawValue: told) }
    let record = try await recorded { () async throws(JournalError) in
      try await context.journal.lanes().first { $0.subscriber == subscriber && $0.replay == nil }
    }
    return record?.cursor ?? .first
  }

  /// Reads what there is of all of them at once, unless that has just been done.
  func lookElsewhere() async throws(JournalError) {
    guard !elsewhere.isEmpty else { return distant = DistantLanes() }
    let names = Set(elsewhere.keys)
    if let readAt = distant.readAt, readAt + DistantLanes.age > .now, names.isSubset(of: distant.names) { return }
    let own = try await context.journal.lanes().filter { $0.replay == nil && names.contains($0.subscriber) }
    let counts = try await context.journal.exceptionCounts(of: own.map(\.id))
    // Lanes may have come here meanwhile, and others gone.
    distant.records.merge(own.map { ($0.subscriber, $0) }) { $1 }
    distant.counts.merge(counts) { $1 }
    (distant.names, distant.readAt) = (names, .now)
  }

  /// As the journal has it; what only its owner knows is not in it.
  func status(elsewhere name: String, _ route: LaneRoute) async throws(JournalError) -> SubscriberStatus? {
    try await lookElsewhere()
    guard let record = distant.records[name] else { return nil }
    let subscriber = route.subscriber
    let counts = distant.counts[record.id] ?? ExceptionCounts()
    var (unscanned, oldest) = (0, counts.oldestWaiting)
    if context.journal.head.look(from: record.cursor, wanted: route.wants).hasWanted {
      let position = try await position(of: record, route)
      unscanned = max(0, context.journal.head.total(wanted: route.wants) - position.passed)
      oldest = [oldest, position.oldest].compactMap(\.self).min()
    }
    let phase = record.phase(route.settings())
    let owner = keeper?.ownerName(of: name)
    return SubscriberStatus(
      name: name, url: subscriber.endpoint.shownURL, owner: subscriber.owner, fingerprint: route.fingerprint,
      events: subscriber.events.map(\.text), state: phase.state,
      reason: phase.reason ?? owner.map { "worked by \($0)" } ?? "no gateway works it at the moment",
      backlogEvents: unscanned + counts.waitingEvents, oldestUndelivered: oldest, retriesWaiting: counts.retrying,
      deadLetters: counts.dead, inFlight: 0, cursor: record.cursor, delivered: 0, dead: 0, expired: 0, attempts: [:],
      workedBy: owner, isWorkedHere: false)
  }

  private func position(of record: LaneRecord, _ route: LaneRoute) async throws(JournalError) -> DistantLanes.Position {
    if let known = distant.positions[record.subscriber], known.cursor == record.cursor,
      known.fingerprint == route.fingerprint
    {
      return known
    }
    let reader = LaneReader(lane: record.id, journal: context.journal, cache: cache)
    let totals = try await reader.totals(below: record.cursor, version: 0, wanted: route.wants)
    let limit = ReadLimit(batches: LaneReader.Limit.pageBatches, bytes: 1)
    let page = try await context.journal.read(from: record.cursor, limit: limit, wanted: route.wants)
    let position = DistantLanes.Position(
      cursor: record.cursor, fingerprint: route.fingerprint, passed: totals.passed,
      oldest: (page.batches + page.damaged).map(\.receivedAt).min())
    distant.positions[record.subscriber] = position
    return position
  }
}
