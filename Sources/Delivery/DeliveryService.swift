package import GatewayCore
import Logging
import OrderedCollections

/// Delivers: one lane a subscriber, each with a task of its own, as the routes in force say. Where several gateways share
/// the journal it works the lanes that are its own for the time being (`DeliveryService+leases.swift`).
///
/// `apply` may be called before and while `run` runs; calls of `apply` must not overlap.
package actor DeliveryService {
  enum Limit {
    /// How finely alarms go off.
    static let tick = Duration.milliseconds(20)
    /// How long a position is kept whose subscriber's own `keep` is not known.
    static let keep = Duration.seconds(7 * 86_400)
  }

  let context: DeliveryContext
  let cache: BatchCache
  let board = LaneBoard()
  typealias Work = @Sendable () async -> Void
  private let tasks: AsyncStream<Work>
  private let newTasks: AsyncStream<Work>.Continuation
  /// Nil where the journal is one gateway's alone.
  let keeper: LeaseKeeper?
  private(set) var metrics: [String: DeliveryMetrics] = [:]
  /// What callbacks are signed with that are sent on as they came.
  private(set) var tokens: [AppID: Secret] = [:]
  /// All subscribers that have a lane, in the order of the routes file.
  private(set) var names: [String] = []
  private(set) var misconfigured: OrderedDictionary<String, (reason: String, record: LaneRecord)> = [:]
  private(set) var isStopping = false
  /// Of the subscribers in the routes whose lanes are not this gateway's now; empty where the journal is its alone.
  var elsewhere: [String: LaneRoute] = [:]
  /// What has been done about leases.
  var leaseWork = LeaseWork()
  /// What is known of the lanes elsewhere.
  var distant = DistantLanes()
  /// Removed subscribers whose lanes are being deleted.
  var forgetting: Set<String> = []
  /// Subscribers that may have replays in the journal.
  var replayed: Set<String> = []
  /// Replays whose state is being changed.
  var changingReplays: Set<ReplayID> = []
  /// Whether the lanes are those of the routes: not before the first are in force, and not while others are put in force.
  /// What has no lane then may get one in a moment.
  private(set) var lanesAreOpen = false

  package init(context: DeliveryContext) {
    self.context = context
    cache = BatchCache(deriver: context.deriver)
    (tasks, newTasks) = AsyncStream.makeStream()
    keeper = context.journal.leases.map {
      LeaseKeeper(leases: $0, name: context.gatewayName, logger: context.logger)
    }
    let board = board
    context.journal.head.observe { kinds in board.wake(for: kinds) }
  }

  /// Works until `stop` has ended every lane.
  package func run() async {
    await withDiscardingTaskGroup { group in
      let (board, clock) = (board, context.clock)
      group.addTask { await board.ring(every: Limit.tick, clock: clock) }
      if let keeper {
        group.addTask { await keeper.run { await self.heed(keeper) } }
        group.addTask { for await _ in keeper.looks { await self.share(keeper) } }
      }
      for await task in tasks { group.addTask { await task() } }
      board.stopRinging()
    }
  }

  /// Puts routes in force: existing lanes go on where they are, new ones start once their position is on disk, those
  /// that are gone start nothing new.
  ///
  /// - Throws: `JournalError` when a position could not be made durable; then no lane has started, stopped or changed,
  ///   and the same routes can be applied again.
  package func apply(_ routes: Routes) async throws(JournalError) {
    // What is being forgotten is not to be opened again.
    while !forgetting.isEmpty { try? await Task.sleep(for: Limit.tick) }
    guard !isStopping else { return }
    let wereOpen = lanesAreOpen
    var isDone = false
    lanesAreOpen = false
    defer { lanesAreOpen = isDone || wereOpen }
    // Before anybody's lane is retired it must be known who serves what.
    if let keeper, keeper.table == nil { try await keeper.renew() }
    let added = try await open(routes)
    let replays = try await recordedReplays()
    let gone = board.lanes.values.filter { routes.subscribers[$0.record.subscriber] == nil }
    // Whatever can fail comes first, and can be done again.
    let named = keeper?.named(byOthers: true) ?? []
    for lane in gone
    where routes.misconfigured[lane.record.subscriber] == nil && !named.contains(lane.record.subscriber) {
      try await context.journal.retireLane(lane.record.id, forgetAt: context.clock() + lane.subscriber.keep)
    }
    try await retireUnknown(routes, but: named)
    guard !isStopping else { return }
    // Some may have come or gone meanwhile.
    for lane in board.lanes.values where routes.subscribers[lane.record.subscriber] == nil {
      leaseWork.keeps[lane.record.subscriber] = lane.subscriber.keep
      close(lane, isGone: routes.misconfigured[lane.record.subscriber] == nil)
    }
    tokens = routes.forwardingTokens
    for (name, subscriber) in routes.subscribers {
      guard let lane = board.lanes[name] else { continue }
      let current = lane.currentRoute
      if current.subscriber != subscriber || current.tokens != tokens { try update(lane, to: subscriber) }
    }
    for lane in added { start(lane) }
    if let keeper { try share(routes, keeper) }
    await resume(replays)
    names = Array(routes.subscribers.keys)
    for name in routes.misconfigured.keys where metrics[name] == nil {
      handles(of: name)
    }
    board.routesChanged()
    isDone = true
  }

  /// Ends all lanes: what is in flight may end within `drain`, and what has ended is recorded.
  package func stop(drain: Duration) async {
    isStopping = true
    let lanes = board.lanes.values.elements + board.replays.values.elements + board.ending
    for lane in lanes { lane.stop() }
    let deadline = ContinuousClock.now + drain
    keeper?.withdraw()
    while !lanes.allSatisfy(\.ended.isOpen), ContinuousClock.now < deadline {
      releaseEnded(of: lanes)
      try? await Task.sleep(for: Limit.tick)
    }
    for lane in lanes where !lane.ended.isOpen {
      context.logger.warning(
        "attempts in flight were left: they are repeated at the next start",
        metadata: ["subscriber": "\(lane.record.subscriber)", "attempts": "\(lane.figures.inFlight)"])
      leave(lane)
    }
    for lane in lanes { await lane.ended.wait() }
    await leaveOthers()
    newTasks.finish()
  }

  private func open(_ routes: Routes) async throws(JournalError) -> [Lane] {
    var added: [Lane] = []
    var waiting: OrderedDictionary<String, (reason: String, record: LaneRecord)> = [:]
    for (name, reason) in routes.misconfigured {
      let head = context.journal.head.next
      waiting[name] = (reason, try await context.journal.openLane(for: name, startingAt: head))
    }
    for (name, subscriber) in routes.subscribers where board.lanes[name] == nil && elsewhere[name] == nil {
      let start = try await position(of: subscriber.start)
      let record = try await context.journal.openLane(for: name, startingAt: start)
      guard keeper == nil else { continue }
      let route = try route(subscriber, routes.forwardingTokens, rateLimit: subscriber.rateLimit)
      added.append(Lane(record: record, route: route))
    }
    misconfigured = waiting
    return added
  }

  func route(
    _ subscriber: Subscriber, _ tokens: [AppID: Secret], rateLimit: RateLimit?, replay: Replay? = nil
  ) throws(JournalError) -> LaneRoute {
    do {
      return try LaneRoute(
        subscriber: subscriber, tokens: tokens, rateLimit: rateLimit, replay: replay, context: context)
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

  func start(_ lane: Lane) {
    let handles = handles(of: lane.record.subscriber)
    board.add(lane)
    run(lane, metrics: handles) {}
  }

  /// Makes the series of a subscriber's metrics, if it has none.
  @discardableResult
  func handles(of name: String) -> DeliveryMetrics {
    let handles = metrics[name] ?? DeliveryMetrics(subscriber: name, factory: context.metrics)
    metrics[name] = handles
    return handles
  }

  /// Has something done beside what is done already.
  func perform(_ work: @escaping Work) { newTasks.yield(work) }

  /// Gives a lane its task.
  func run(_ lane: Lane, metrics: DeliveryMetrics, onEnd: @escaping @Sendable () async -> Void) {
    let (name, replay) = (lane.record.subscriber, lane.record.replay)
    let predecessor = board.ending.last { $0.record.subscriber == name && $0.record.replay == replay }
    let task = LaneTask(
      lane: lane, predecessor: predecessor, metrics: metrics, cache: cache, context: context, onEnd: onEnd)
    perform { await task.run() }
  }

  func close(_ lane: Lane, isGone: Bool) {
    let name = lane.record.subscriber
    if isGone { removeMetrics(of: name) }
    board.remove(name)
    lane.stop()
    for (id, replay) in board.replays where replay.record.subscriber == name {
      board.removeReplay(id)
      replay.stop()
    }
  }

  func removeMetrics(of name: String) { metrics.removeValue(forKey: name)?.remove() }

  /// Lanes of the journal that no routes file of this process has named are kept for a while, and then forgotten.
  ///
  /// - Parameter others: Those that other gateways name.
  private func retireUnknown(_ routes: Routes, but others: Set<String>) async throws(JournalError) {
    for record in try await context.journal.lanes() where record.forgetAt == nil && record.replay == nil {
      let name = record.subscriber
      let isKnown = routes.subscribers[name] != nil || routes.misconfigured[name] != nil || others.contains(name)
      guard !isKnown else { continue }
      let keep = elsewhere[name]?.subscriber.keep ?? Limit.keep
      try await context.journal.retireLane(record.id, forgetAt: context.clock() + keep)
    }
  }
}
