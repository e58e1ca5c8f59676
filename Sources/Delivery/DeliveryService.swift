package import GatewayCore
import Logging
import OrderedCollections

/// Delivers: one lane a subscriber, each with a task of its own, as the routes in force say.
///
/// `apply` may be called before and while `run` runs; calls of `apply` must not overlap.
package actor DeliveryService {
  enum Limit {
    /// How finely alarms go off.
    static let tick = Duration.milliseconds(20)
    /// How long a position is kept whose subscriber's own `keep` is not known.
    static let keep = Duration.seconds(7 * 86_400)
  }

  private let context: DeliveryContext
  private let cache: BatchCache
  private let board = LaneBoard()
  private let tasks: AsyncStream<LaneTask>
  private let newTasks: AsyncStream<LaneTask>.Continuation
  private var metrics: [String: DeliveryMetrics] = [:]
  /// All subscribers that have a lane, in the order of the routes file.
  private var names: [String] = []
  private var misconfigured: OrderedDictionary<String, (reason: String, record: LaneRecord)> = [:]
  private var isStopping = false
  /// Whether the lanes are those of the routes: not before the first are in force, and not while others are put in force.
  /// What has no lane then may get one in a moment.
  private(set) var lanesAreOpen = false

  package init(context: DeliveryContext) {
    self.context = context
    cache = BatchCache(deriver: context.deriver)
    (tasks, newTasks) = AsyncStream.makeStream()
    let board = board
    context.journal.head.observe { kinds in board.wake(for: kinds) }
  }

  /// Works until `stop` has ended every lane.
  package func run() async {
    await withDiscardingTaskGroup { group in
      let (board, clock) = (board, context.clock)
      group.addTask { await board.ring(every: Limit.tick, clock: clock) }
      for await task in tasks { group.addTask { await task.run() } }
      board.stopRinging()
    }
  }

  /// Puts routes in force: existing lanes go on where they are, new ones start once their position is on disk, those
  /// that are gone start nothing new.
  ///
  /// - Throws: `JournalError` when a position could not be made durable; then no lane has started, stopped or changed,
  ///   and the same routes can be applied again.
  package func apply(_ routes: Routes) async throws(JournalError) {
    guard !isStopping else { return }
    let wereOpen = lanesAreOpen
    var isDone = false
    lanesAreOpen = false
    defer { lanesAreOpen = isDone || wereOpen }
    let added = try await open(routes)
    let gone = board.lanes.values.filter { routes.subscribers[$0.record.subscriber] == nil }
    // Whatever can fail comes first, and can be done again.
    for lane in gone where routes.misconfigured[lane.record.subscriber] == nil {
      try await context.journal.retireLane(lane.record.id, forgetAt: context.clock() + lane.subscriber.keep)
    }
    try await retireUnknown(routes)
    guard !isStopping else { return }
    for lane in gone { close(lane, isGone: routes.misconfigured[lane.record.subscriber] == nil) }
    let tokens = routes.forwardingTokens
    for (name, subscriber) in routes.subscribers {
      guard let lane = board.lanes[name] else { continue }
      let current = lane.currentRoute
      if current.subscriber != subscriber || current.tokens != tokens { lane.update(try route(subscriber, tokens)) }
    }
    for lane in added { start(lane) }
    names = Array(routes.subscribers.keys)
    for name in routes.misconfigured.keys where metrics[name] == nil {
      metrics[name] = DeliveryMetrics(subscriber: name, factory: context.metrics)
    }
    board.routesChanged()
    isDone = true
  }

  /// Ends all lanes: what is in flight may end within `drain`, and what has ended is recorded.
  package func stop(drain: Duration) async {
    isStopping = true
    let lanes = board.lanes.values.elements + board.ending
    for lane in lanes { lane.stop() }
    let deadline = ContinuousClock.now + drain
    while !lanes.allSatisfy(\.ended.isOpen), ContinuousClock.now < deadline { try? await Task.sleep(for: Limit.tick) }
    for lane in lanes where !lane.ended.isOpen {
      context.logger.warning(
        "attempts in flight were left: they are repeated at the next start",
        metadata: ["subscriber": "\(lane.record.subscriber)", "attempts": "\(lane.figures.inFlight)"])
      lane.abandon()
    }
    for lane in lanes { await lane.ended.wait() }
    newTasks.finish()
  }

  private func open(_ routes: Routes) async throws(JournalError) -> [Lane] {
    var added: [Lane] = []
    var waiting: OrderedDictionary<String, (reason: String, record: LaneRecord)> = [:]
    for (name, reason) in routes.misconfigured {
      let head = context.journal.head.next
      waiting[name] = (reason, try await context.journal.openLane(for: name, startingAt: head))
    }
    for (name, subscriber) in routes.subscribers where board.lanes[name] == nil {
      let start = try await position(of: subscriber.start)
      let record = try await context.journal.openLane(for: name, startingAt: start)
      added.append(Lane(record: record, route: try route(subscriber, routes.forwardingTokens)))
    }
    misconfigured = waiting
    return added
  }

  private func route(_ subscriber: Subscriber, _ tokens: [AppID: Secret]) throws(JournalError) -> LaneRoute {
    do {
      return try LaneRoute(subscriber: subscriber, tokens: tokens, context: context)
    } catch {
      throw .unavailable("subscriber \(subscriber.name): \(error)")
    }
  }

  private func position(of start: Subscriber.Start) async throws(JournalError) -> SequenceNumber {
    switch start {
    case .now: context.journal.head.next
    case .earliest: try await context.journal.position(receivedAtOrAfter: Timestamp(milliseconds: .min))
    case .at(let moment): try await context.journal.position(receivedAtOrAfter: moment)
    }
  }

  private func start(_ lane: Lane) {
    let name = lane.record.subscriber
    let handles = metrics[name] ?? DeliveryMetrics(subscriber: name, factory: context.metrics)
    metrics[name] = handles
    board.add(lane)
    let predecessor = board.ending.last { $0.record.subscriber == name }
    newTasks.yield(
      LaneTask(lane: lane, predecessor: predecessor, metrics: handles, cache: cache, context: context))
  }

  private func close(_ lane: Lane, isGone: Bool) {
    let name = lane.record.subscriber
    if isGone { metrics.removeValue(forKey: name)?.remove() }
    board.remove(name)
    lane.stop()
  }

  /// Lanes of the journal that no routes file of this process has named are kept for a while, and then forgotten.
  private func retireUnknown(_ routes: Routes) async throws(JournalError) {
    for record in try await context.journal.lanes() where record.forgetAt == nil {
      let isKnown = routes.subscribers[record.subscriber] != nil || routes.misconfigured[record.subscriber] != nil
      if !isKnown { try await context.journal.retireLane(record.id, forgetAt: context.clock() + Limit.keep) }
    }
  }
}

// MARK: What others see

extension DeliveryService {
  /// All subscribers in the order of the routes file, then those that are misconfigured.
  package func statuses() async throws(JournalError) -> [SubscriberStatus] {
    var statuses: [SubscriberStatus] = []
    let lanes = board.lanes
    for name in names {
      if let lane = lanes[name] { statuses.append(try await status(of: lane)) }
    }
    for (name, entry) in misconfigured { statuses.append(try await status(ofMisconfigured: name, entry)) }
    return statuses
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
      delivered: 0, dead: 0, expired: 0, attempts: [:])
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
    return SubscriberStatus(
      name: subscriber.name, url: subscriber.endpoint.shownURL, owner: subscriber.owner,
      events: subscriber.events.map(\.text), state: phase.state, reason: phase.reason,
      backlogEvents: max(0, unscanned + figures.unsettled + figures.waitingEvents - figures.knownEvents),
      oldestUndelivered: oldest,
      retriesWaiting: figures.retrying, deadLetters: figures.deadLetters, inFlight: figures.inFlight,
      cursor: figures.cursor, delivered: figures.delivered, dead: figures.dead, expired: figures.expired,
      attempts: figures.attempts)
  }

  /// The lane of the journal that has a task here; nil if it has none.
  func running(_ id: LaneID) -> Lane? { board.lanes.values.first { $0.record.id == id } }

  /// Whether a lane that was removed has still something under way or to record.
  func isEnding(_ id: LaneID) -> Bool { board.ending.contains { $0.record.id == id } }
}
