package import GatewayCore
import OrderedCollections

// What others see.

extension DeliveryService {
  /// All subscribers in the order of the routes file, then those that are misconfigured.
  package func statuses() async throws(JournalError) -> [SubscriberStatus] {
    var statuses: [SubscriberStatus] = []
    let ofReplays = try await deadLettersOfReplays()
    for name in names {
      // It may move meanwhile.
      if let lane = board.lanes[name] {
        statuses.append(try await status(of: lane))
      } else if let route = elsewhere[name], let status = try await status(elsewhere: name, route) {
        statuses.append(status)
      }
    }
    for (name, count) in ofReplays {
      if let index = statuses.firstIndex(where: { $0.name == name }) { statuses[index].deadLetters += count }
    }
    for (name, entry) in misconfigured { statuses.append(try await status(ofMisconfigured: name, entry)) }
    return statuses
  }

  /// How many events of each subscriber are dead in its replays.
  private func deadLettersOfReplays() async throws(JournalError) -> [String: Int] {
    guard !replayed.isEmpty else { return [:] }
    var counts: [String: Int] = [:]
    for record in try await context.journal.lanes() where record.replay != nil {
      counts[record.subscriber, default: 0] += try await context.journal.exceptionCounts(of: record.id).dead
    }
    // Subscribers whose replays are forgotten need not be looked at again.
    replayed.formIntersection(counts.keys)
    return counts.filter { $0.value > 0 }
  }

  /// What it wants is not known, so its backlog counts everything from its cursor on.
  private func status(
    ofMisconfigured name: String, _ entry: (reason: String, record: LaneRecord)
  ) async throws(JournalError) -> SubscriberStatus {
    let exceptions = try await context.journal.exceptionCounts(of: entry.record.id)
    let next = try await context.journal.read(
      from: entry.record.cursor, limit: ReadLimit(batches: 1, bytes: 1), wanted: { _ in true })
    let received = (next.batches + next.damaged).first?.receivedAt
    return SubscriberStatus(
      name: name, url: nil, owner: nil, events: [], state: .misconfigured, reason: entry.reason,
      backlogEvents: context.journal.head.next - entry.record.cursor + exceptions.waitingEvents,
      oldestUndelivered: [received, exceptions.oldestWaiting].compactMap(\.self).min(),
      retriesWaiting: exceptions.retrying, deadLetters: exceptions.dead, inFlight: 0, cursor: entry.record.cursor,
      delivered: 0, dead: 0, expired: 0, attempts: [:], workedBy: keeper?.ownerName(of: name),
      isWorkedHere: keeper?.isElsewhere(name) != true)
  }

  private func status(of lane: Lane) async throws(JournalError) -> SubscriberStatus {
    let subscriber = lane.subscriber
    let figures = lane.figures
    // Its task may not have heard of it yet.
    let phase = subscriber.paused ? .paused : figures.phase
    var passed = figures.passed
    if let position = figures.uncountedBelow {
      let reader = LaneReader(lane: lane.record.id, journal: context.journal, cache: cache)
      passed += try await reader.totals(below: position, version: 0, wanted: subscriber.wants).passed
    }
    let unscanned = max(0, context.journal.head.total(wanted: subscriber.wants) - passed)
    var oldest = figures.oldestKnown
    if oldest == nil, unscanned > 0 {
      let limit = ReadLimit(batches: LaneReader.Limit.pageBatches, bytes: 1)
      let page = try await context.journal.read(from: figures.cursor, limit: limit, wanted: subscriber.wants)
      oldest = (page.batches + page.damaged).map(\.receivedAt).min()
    }
    let replays = board.replays.values.filter { $0.record.subscriber == subscriber.name }
    let inFlight = replays.reduce(figures.inFlight) { $0 + $1.figures.inFlight }
    return SubscriberStatus(
      name: subscriber.name, url: subscriber.endpoint.shownURL, owner: subscriber.owner,
      fingerprint: lane.currentRoute.fingerprint,
      events: subscriber.events.map(\.text), state: phase.state, reason: phase.reason,
      backlogEvents: max(0, unscanned + figures.unsettled + figures.waitingEvents - figures.knownEvents),
      oldestUndelivered: oldest,
      retriesWaiting: figures.retrying, deadLetters: figures.deadLetters, inFlight: inFlight,
      cursor: figures.cursor, delivered: figures.delivered, dead: figures.dead, expired: figures.expired,
      attempts: figures.attempts, workedBy: keeper?.name)
  }

  /// The lane of a record, a subscriber's own or a replay's, as far as it has a task here.
  func lane(of record: LaneRecord) -> Lane? {
    guard let replay = record.replay else { return board.lanes[record.subscriber] }
    return board.replays[replay]
  }

  /// The lane of the journal that has a task here; nil if it has none.
  func running(_ id: LaneID) -> Lane? { board.lanes.values.first { $0.record.id == id } }

  /// Whether a lane that was removed has still something under way or to record.
  func isEnding(_ id: LaneID) -> Bool { board.ending.contains { $0.record.id == id } }
}
