package import GatewayCore
import OrderedCollections

// What was given up: looked at, sent again, deleted.

extension DeliveryService: DeadLetterControl {
  private enum LetterLimit {
    /// Rows that one call looks at.
    static let looked = 5000
    /// The same of a call that finds nothing to do something with.
    static let lookedInVain = 40 * looked
    /// Rows read at once.
    static let page = 500
    /// What one call replays or discards.
    static let taken = 1000
    /// Events of one dead letter that are named.
    static let named = 1000
  }

  package func deadLetters(_ query: DeadLetterQuery) async throws(ControlError) -> DeadLetterPage {
    try await recorded { () async throws(JournalError) in
      let (found, last) = try await find(query.selection, limit: query.limit, after: query.after)
      var letters: [DeadLetter] = []
      for (record, exception) in found { letters.append(try await letter(exception, record)) }
      return DeadLetterPage(deadLetters: letters, last: last)
    }
  }

  package func deadLetter(_ reference: DeadLetterReference) async throws(ControlError) -> DeadLetterStory {
    let found = try await resolve(DeadLetterSelection(references: [reference])).found
    guard found.count < 2 else {
      let ids = found.map { "\(DeadLetterID(lane: $0.0.id, first: $0.1.first)) (\($0.0.subscriber))" }
      throw .conflict("That event is dead more than once; name one of \(ids.joined(separator: ", ")).")
    }
    guard let (record, exception) = found.first else {
      throw .notFound("There is no such dead letter; it may have been replayed, discarded, or kept long enough.")
    }
    return try await recorded { () async throws(JournalError) in try await story(exception, record) }
  }

  package func replay(_ selection: DeadLetterSelection) async throws(ControlError) -> DeadLetterAction {
    var (action, found) = try await taken(selection)
    let unserved = found.filter { subscriber(named: $0.0.subscriber) == nil }
    found.removeAll { subscriber(named: $0.0.subscriber) == nil }
    // Those of others are none of their business.
    if found.isEmpty, let subscriber = unserved.first?.0.subscriber { _ = try servedSubscriber(subscriber) }
    try await replayRanges(found, &action)
    try await revive(found.filter { $0.1.state == .dead }, &action)
    return action
  }

  private func replayRanges(_ found: [(LaneRecord, DeliveryException)], _ action: inout DeadLetterAction)
    async throws(ControlError)
  {
    let ranges = found.filter { $0.1.state == .expired }
    for (record, exception) in ranges {
      guard let replay = try await replayRange(exception, of: record) else { continue }
      await forgetExpiredRange(of: record)
      action.replays.append(replay)
      action.deadLetters += 1
      action.events += replay.replay.totalEvents
    }
    guard action.deadLetters > 0 || ranges.isEmpty || ranges.count < found.count else {
      throw .conflict("Nothing of that is retained any more, so it cannot be sent again; discard it.")
    }
  }

  private func revive(_ letters: [(LaneRecord, DeliveryException)], _ action: inout DeadLetterAction)
    async throws(ControlError)
  {
    let id = ReplayID.random()
    for (record, letters) in Dictionary(grouping: letters, by: \.0) {
      let firsts = letters.map(\.1.first)
      let (outcome, isFull) = try await revive(firsts, in: record, as: id)
      action.deadLetters += outcome.exceptions
      action.events += outcome.events
      if outcome.exceptions > 0 { action.replay = id }
      // Others may have been sent again by somebody else meanwhile.
      if outcome.exceptions < firsts.count, isFull { action.hasMore = true }
    }
    guard action.deadLetters > 0 || !action.hasMore || letters.isEmpty else {
      throw .conflict(
        "The subscriber has \(LaneStateMachine.Limit.revived) deliveries to retry already, and there is no room for more; "
          + "go on when some of them are done.")
    }
  }

  package func discard(_ selection: DeadLetterSelection) async throws(ControlError) -> DeadLetterAction {
    let (taken, found) = try await taken(selection)
    var action = taken
    for (record, letters) in Dictionary(grouping: found, by: \.0) {
      let discarded = try await recorded { () async throws(JournalError) in
        try await context.journal.discardDeadLetters(of: record.id, at: letters.map(\.1.first))
      }
      if discarded.contains(where: { $0.state == .expired }) { await forgetExpiredRange(of: record) }
      action.deadLetters += discarded.count
      action.events += discarded.reduce(0) { $0 + $1.eventCount }
    }
    return action
  }

  /// What a call does something with: at most so many, and whether there are more.
  private func taken(_ selection: DeadLetterSelection) async throws(ControlError)
    -> (DeadLetterAction, [(LaneRecord, DeliveryException)])
  {
    let (found, isAll) = try await resolve(selection)
    let action = DeadLetterAction(hasMore: !found.isEmpty && !isAll || found.count > LetterLimit.taken)
    return (action, Array(found.prefix(LetterLimit.taken)))
  }

  /// Returns too whether the lane has no room for more.
  func revive(_ firsts: [SequenceNumber], in record: LaneRecord, as id: ReplayID) async throws(ControlError)
    -> (outcome: LaneOutcome, isFull: Bool)
  {
    let order = DeliveryOrder.Act.revive(
      lane: record.id.rawValue, firsts: firsts.map(\.rawValue), replay: id.description)
    if let answer = try await passOn(order, of: record.subscriber) { return (answer.outcome, answer.isFull) }
    let outcome: LaneOutcome
    if let replay = record.replay {
      outcome = try await reopen(replay) { .revive(firsts, id, $0) }
    } else {
      let lane = try servedLane(record.subscriber)
      outcome = try await recorded { () async throws(JournalError) in try await lane.ask { .revive(firsts, id, $0) } }
    }
    return (outcome, lane(of: record)?.isFullOfRetries ?? false)
  }

  /// Its lane would write it again with the next piece that it gives up.
  private func forgetExpiredRange(of record: LaneRecord) async {
    lane(of: record)?.mailbox.post(.expiredRangeDiscarded)
    guard keeper?.isElsewhere(record.subscriber) == true else { return }
    _ = try? await passOn(.forgetExpiredRange(lane: record.id.rawValue), of: record.subscriber)
  }
}

// MARK: Finding them

extension DeliveryService {
  /// At most one more than a call does something with, and whether that is all there are.
  private func resolve(_ selection: DeadLetterSelection) async throws(ControlError)
    -> (found: [(LaneRecord, DeliveryException)], isAll: Bool)
  {
    try await recorded { () async throws(JournalError) in
      guard let references = selection.references else {
        var (found, last) = try await find(selection, limit: LetterLimit.taken + 1, after: nil)
        // Few match: the call goes on until there is something to do, so that calling again gets on.
        var looked = LetterLimit.looked
        while found.isEmpty, looked < LetterLimit.lookedInVain, let after = last {
          looked += LetterLimit.looked
          (found, last) = try await find(selection, limit: LetterLimit.taken + 1, after: after)
        }
        return (found, last == nil)
      }
      let records = try await context.journal.lanes()
      var found: [(LaneRecord, DeliveryException)] = []
      var seen: Set<DeadLetterID> = []
      for reference in references {
        for (record, exception) in try await exceptions(reference, records) {
          guard exception.state == .dead || exception.state == .expired, selection.holds(for: exception),
            selection.subscriber ?? record.subscriber == record.subscriber,
            seen.insert(DeadLetterID(lane: record.id, first: exception.first)).inserted
          else { continue }
          found.append((record, exception))
        }
      }
      return (found, true)
    }
  }

  private func exceptions(_ reference: DeadLetterReference, _ records: [LaneRecord]) async throws(JournalError)
    -> [(LaneRecord, DeliveryException)]
  {
    switch reference {
    case .id(let id):
      guard let record = records.first(where: { $0.id == id.lane }),
        let exception = try await context.journal.exception(of: id.lane, at: id.first)
      else { return [] }
      return [(record, exception)]
    case .event(let event):
      guard let batch = try await context.journal.batch(event.batch), event.index < batch.eventCount else { return [] }
      var found: [(LaneRecord, DeliveryException)] = []
      for record in records {
        let all = try await context.journal.exceptions(of: record.id, standingFor: batch.first + event.index)
        found += all.map { (record, $0) }
      }
      return found
    }
  }

  /// Lane by lane, in the order of their numbers.
  private func find(_ selection: DeadLetterSelection, limit: Int, after: DeadLetterID?) async throws(JournalError)
    -> (found: [(LaneRecord, DeliveryException)], last: DeadLetterID?)
  {
    var found: [(LaneRecord, DeliveryException)] = []
    var looked = 0
    for record in try await lanes(of: selection.subscriber) {
      if let after, record.id.rawValue < after.lane.rawValue { continue }
      var start = after.map { $0.lane == record.id ? $0.first + 1 : .first } ?? .first
      while true {
        let page = try await context.journal.deadLetters(of: record.id, from: start, limit: LetterLimit.page)
        for exception in page {
          looked += 1
          if selection.holds(for: exception) { found.append((record, exception)) }
          if found.count == limit || looked == LetterLimit.looked {
            return (found, DeadLetterID(lane: record.id, first: exception.first))
          }
        }
        guard let last = page.last, page.count == LetterLimit.page else { break }
        start = last.first + 1
      }
    }
    return (found, nil)
  }

  private func lanes(of subscriber: String?) async throws(JournalError) -> [LaneRecord] {
    try await context.journal.lanes().filter { subscriber ?? $0.subscriber == $0.subscriber }
      .sorted { $0.id.rawValue < $1.id.rawValue }
  }

  private func letter(_ exception: DeliveryException, _ record: LaneRecord) async throws(JournalError) -> DeadLetter {
    let batch = try await storedBatch(holding: exception.first)
    return DeadLetter(
      id: DeadLetterID(lane: record.id, first: exception.first), subscriber: record.subscriber, replay: record.replay,
      exception: exception, event: batch.map { EventID(batch: $0.id, index: exception.first - $0.first) },
      kind: batch?.kind)
  }

  private func storedBatch(holding event: SequenceNumber) async throws(JournalError) -> StoredBatch? {
    let page = try await context.journal.read(
      from: event, limit: ReadLimit(batches: 1, bytes: 1), wanted: { _ in true })
    guard let batch = (page.batches + page.damaged).first, batch.first <= event, event < batch.end else { return nil }
    return batch
  }

  private func story(_ exception: DeliveryException, _ record: LaneRecord) async throws(JournalError)
    -> DeadLetterStory
  {
    let letter = try await letter(exception, record)
    var attempts = try await context.journal.attempts(of: record.id, at: exception.first)
    attempts.sort { $0.at < $1.at }
    guard exception.state == .dead else {
      return DeadLetterStory(deadLetter: letter, events: [], request: nil, attempts: attempts)
    }
    var batches: [SequenceNumber: any DerivedBatch] = [:]
    var ids: [EventID] = []
    for event in exception.events.prefix(LetterLimit.named) {
      guard let stored = try await storedBatch(holding: event) else { continue }
      ids.append(EventID(batch: stored.id, index: event - stored.first))
      if let derived = try? cache.derive(stored) { batches[event] = derived }
    }
    let route = (lane(of: record) ?? board.lanes[record.subscriber])?.currentRoute ?? elsewhere[record.subscriber]
    let request = route.flatMap { shown(exception, $0, batches) }
    return DeadLetterStory(deadLetter: letter, events: ids, request: request, attempts: attempts)
  }

  /// Nil where one of its events can no longer be read.
  private func shown(_ exception: DeliveryException, _ route: LaneRoute, _ batches: [SequenceNumber: any DerivedBatch])
    -> ShownRequest?
  {
    let events = exception.form == .batch ? exception.events : [exception.first]
    guard events.allSatisfy({ batches[$0] != nil }), let first = batches[events[0]] else { return nil }
    let request = route.request.request(
      for: events, as: exception.form, attempt: max(1, exception.attempts), token: route.tokens[first.kind.app],
      now: exception.endedAt ?? context.clock()
    ) { batches[$0] ?? first }
    return ShownRequest(request, to: route.subscriber)
  }
}

extension ShownRequest {
  /// What stands for a value that nobody may see.
  private static let hidden = "•••"

  /// Without signatures, the query of a URL, the gateway's mark, and the values of the subscriber's own headers.
  fileprivate init(_ request: OutboundRequest, to subscriber: Subscriber) {
    let secret = Set(subscriber.headers.map { $0.name.lowercased() } + ["webhook-signature", Via.header.lowercased()])
    let url = request.endpoint.shownURL
    self.init(
      url: request.query == nil || url.contains("?") ? url : url + "?" + Self.hidden,
      headers: request.headers.map { ($0.name, secret.contains($0.name.lowercased()) ? Self.hidden : $0.value) },
      body: request.body)
  }
}

extension Lane {
  /// Whether no dead letter can be taken back.
  fileprivate var isFullOfRetries: Bool { figures.retrying >= LaneStateMachine.Limit.revived }
}
