package import GatewayCore
import OrderedCollections

// What the journal still knows of events.

extension DeliveryService: EventHistory {
  private enum SearchLimit {
    /// Callbacks that one search looks at, wanted or not.
    static let batches = 4096
    /// Bytes of callbacks that one search reads.
    static let bytes = 16 << 20
    /// What is read at once.
    static let pageBytes = 2 << 20
  }

  package func events(_ query: EventQuery) async throws(ControlError) -> EventPage {
    try await recorded { () async throws(JournalError) in try await search(query) }
  }

  private func search(_ query: EventQuery) async throws(JournalError) -> EventPage {
    let journal = context.journal
    var position = query.position ?? .first
    if query.position == nil, let from = query.from { position = try await journal.position(receivedAtOrAfter: from) }
    var end = journal.head.next
    if let to = query.to { end = min(end, try await journal.position(receivedAtOrAfter: to)) }
    var found: [EventSummary] = []
    var (batches, bytes) = (0, 0)
    while position < end, found.count < query.limit, batches < SearchLimit.batches, bytes < SearchLimit.bytes {
      let limit = ReadLimit(batches: LaneReader.Limit.pageBatches, bytes: SearchLimit.pageBytes)
      let page = try await journal.read(from: position, limit: limit, wanted: query.wants)
      batches += limit.batches
      for stored in page.batches where found.count < query.limit && stored.first < end {
        bytes += stored.payload.count
        position = try collect(stored, from: position, query, &found)
      }
      if found.count < query.limit { position = max(position, page.through) }
    }
    return EventPage(events: found, next: position < end ? position : nil)
  }

  /// Returns where to go on.
  private func collect(
    _ stored: StoredBatch, from position: SequenceNumber, _ query: EventQuery, _ found: inout [EventSummary]
  ) throws(JournalError) -> SequenceNumber {
    // What cannot be read is passed over: its dead letters tell of it.
    guard query.holds(for: stored), let batch = try? cache.derive(stored) else { return stored.end }
    for index in max(0, position - stored.first)..<batch.eventCount {
      guard found.count < query.limit else { return stored.first + index }
      let summary = EventSummary(batch, at: index)
      if query.account.map(summary.values.values.contains) ?? true { found.append(summary) }
    }
    return stored.end
  }

  package func story(of event: EventID) async throws(ControlError) -> EventStory {
    let stored = try await recorded { () async throws(JournalError) in try await context.journal.batch(event.batch) }
    guard let stored, event.index < stored.eventCount else {
      throw .notFound("The event \(event) is not in the journal; history is kept for as long as --retain says.")
    }
    let batch: any DerivedBatch
    do throws(DerivationError) {
      batch = try cache.derive(stored)
    } catch {
      throw .conflict("The callback of \(event) cannot be read: \(error)")
    }
    return try await recorded { () async throws(JournalError) in
      EventStory(
        id: event, body: batch.body(at: event.index), sequence: stored.first + event.index, batch: batch,
        deliveries: try await deliveries(of: batch, event.index))
    }
  }

  private func deliveries(of batch: any DerivedBatch, _ index: Int) async throws(JournalError) -> [DeliveryStory] {
    var stories: [DeliveryStory] = []
    let records = try await context.journal.lanes()
    let order = Dictionary(uniqueKeysWithValues: names.enumerated().map { ($1, $0) })
    for record in records.sorted(by: { order[$0.subscriber] ?? .max < order[$1.subscriber] ?? .max }) {
      if let story = try await story(of: batch, index, in: record) { stories.append(story) }
    }
    return stories
  }

  /// Nil for a replay that has nothing to do with it.
  private func story(of batch: any DerivedBatch, _ index: Int, in record: LaneRecord)
    async throws(JournalError) -> DeliveryStory?
  {
    let event = batch.first + index
    let lane = lane(of: record)
    var attempts = try await context.journal.attempts(of: record.id, at: event)
    // Most failures are in memory and in the journal, which keeps their durations in whole milliseconds.
    let kept = Set(attempts.map { [$0.at.milliseconds, $0.first.rawValue, Int64($0.attempt)] })
    attempts += (lane?.attempts.attempts(at: event) ?? []).filter { attempt in
      !kept.contains([attempt.at.milliseconds, attempt.first.rawValue, Int64(attempt.attempt)])
    }
    attempts.sort { $0.at < $1.at }
    var story = DeliveryStory(
      subscriber: record.subscriber, replay: record.replay, state: .delivered, attempts: attempts)
    let exceptions = try await context.journal.exceptions(of: record.id, standingFor: event)
    if let exception = exceptions.last {
      story.take(exception, record.id)
    } else if attempts.contains(where: { $0.outcome == .success }) {
      return story
    } else if record.replay != nil {
      return attempts.isEmpty ? nil : story
    } else {
      tell(&story, of: batch, index, record, lane)
    }
    return story
  }

  /// Of an event that no exception stands for and of which no success is remembered.
  private func tell(
    _ story: inout DeliveryStory, of batch: any DerivedBatch, _ index: Int, _ record: LaneRecord, _ lane: Lane?
  ) {
    let event = batch.first + index
    if let start = record.start, event < start {
      (story.state, story.reason) = (.beforeStart, "it was accepted before the subscriber was known; a replay sends it")
    } else if misconfigured[record.subscriber] != nil {
      (story.state, story.reason) = (.waiting, misconfigured[record.subscriber]?.reason)
    } else if let subscriber = lane?.subscriber ?? (record.replay == nil ? subscriber(named: record.subscriber) : nil) {
      if let reason = subscriber.reasonNotToWant(batch, at: index) {
        (story.state, story.reason) = (.notWanted, reason)
      } else if event >= lane?.figures.cursor ?? record.cursor {
        (story.state, story.reason) = (
          .waiting, lane?.figures.phase.reason ?? "its turn has not come, or it is on its way"
        )
      }
    } else {
      story.state = event < record.cursor ? .delivered : .removed
      story.reason = "the subscriber is no longer in the routes file"
    }
  }
}

extension EventQuery {
  /// Whether events of a kind are looked for.
  fileprivate var wants: @Sendable (EventKind) -> Bool {
    { [app, pattern] kind in
      (app.map { $0 == kind.app } ?? true) && (pattern?.matches(type: kind.type, command: kind.command) ?? true)
    }
  }

  /// Callbacks are in the order of their receipt only roughly.
  fileprivate func holds(for batch: StoredBatch) -> Bool {
    (from.map { batch.receivedAt >= $0 } ?? true) && (to.map { batch.receivedAt < $0 } ?? true)
  }
}

extension EventSummary {
  fileprivate init(_ batch: any DerivedBatch, at index: Int) {
    let values = EventMatch.Field.allCases.compactMap { field in
      batch.text(of: field, at: index).map { (field, String(decoding: $0, as: UTF8.self)) }
    }
    self.init(
      id: EventID(batch: batch.id, index: index), kind: batch.kind, receivedAt: batch.receivedAt,
      time: batch.time(at: index), values: Dictionary(uniqueKeysWithValues: values))
  }
}

extension DeliveryStory {
  /// What an exception of a lane says of an event that it stands for.
  fileprivate mutating func take(_ exception: DeliveryException, _ lane: LaneID) {
    switch exception.state {
    case .retrying:
      (state, reason, dueAt) = (.retrying, exception.lastError, exception.dueAt)
    case .parked: (state, reason) = (.waiting, "an earlier event of the same key is not delivered yet")
    case .dead, .expired:
      (state, reason) = (exception.state == .dead ? .dead : .expired, exception.lastError)
      deadLetter = DeadLetterID(lane: lane, first: exception.first)
    }
  }
}

extension Subscriber {
  /// Why an event is not for it; nil if it is.
  fileprivate func reasonNotToWant(_ batch: any DerivedBatch, at index: Int) -> String? {
    let kind = batch.kind
    if !(apps?.contains(kind.app) ?? true) { return "its \"apps\" do not name \(kind.app)" }
    if !wants(kind) { return "none of its \"events\" matches \(kind.type)" }
    return matches(batch, at: index) ? nil : "its \"match\" leaves it out"
  }
}
