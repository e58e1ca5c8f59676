package import GatewayCore
import Logging
import OrderedCollections

// Which lanes are worked here, where several gateways share the journal.

/// What the service remembers of its work on leases.
struct LeaseWork {
  /// Subscribers whose lanes are on their way to others.
  var leaving: Set<String> = []
  /// Subscribers that a stop has let go of.
  var released: Set<String> = []
  /// When lanes were last claimed or let go of: tables that were asked for before do not know of it.
  var lastChange = ContinuousClock.now
  /// Whether lanes have been claimed whose replays may not go on yet.
  var areReplaysDue = false
  /// When retired lanes are looked at again.
  var nextCare = ContinuousClock.now
  /// Orders of others that are being done, or are done.
  var orders: Set<LaneOrderID> = []
  /// How long positions of removed subscribers are to be kept.
  var keeps: [String: Duration] = [:]
}

extension DeliveryService {
  private enum LeaseLimit {
    /// How long the attempts in flight of a lane may take that another gateway is to have; then they are broken off, and
    /// repeated there.
    static let handover = Duration.seconds(5)
    /// How long they then have to end. After that the lane goes without them: what they would still settle comes under an
    /// epoch that is over.
    static let grace = Duration.seconds(1)
    /// How often it is looked whether lanes are retired that should not be, or should be and are not.
    static let care = Duration.seconds(5)
  }

  /// Takes new routes: lanes are claimed soon, and those that the routes do not name any more are let go of.
  func share(_ routes: Routes, _ keeper: LeaseKeeper) throws(JournalError) {
    for (name, route) in elsewhere where routes.subscribers[name] == nil {
      leaseWork.keeps[name] = route.subscriber.keep
      if routes.misconfigured[name] == nil { removeMetrics(of: name) }
    }
    var fresh: [String: LaneRoute] = [:]
    for (name, subscriber) in routes.subscribers where board.lanes[name] == nil {
      if let known = elsewhere[name], known.subscriber == subscriber, known.tokens == tokens {
        fresh[name] = known
      } else {
        fresh[name] = try route(subscriber, tokens, rateLimit: subscriber.rateLimit)
      }
      handles(of: name)
    }
    elsewhere = fresh
    keeper.present(
      fingerprint: routes.fingerprint, subscribers: Array(routes.subscribers.keys),
      misconfigured: Array(routes.misconfigured.keys))
  }

  /// Takes notice of how things stand: lets go at once of lanes that are not this gateway's any more, and begins what others
  /// ask for.
  func heed(_ keeper: LeaseKeeper) {
    let all = board.lanes.values.elements + board.replays.values.elements + board.ending
    for lane in all {
      guard let term = lane.term, !term.runs || keeper.isTaken(lane.record) else { continue }
      lane.drop(context.transport)
    }
    for (name, lane) in board.lanes where !lane.isOwned {
      close(lane, isGone: false)
      elsewhere[name] = lane.currentRoute
    }
    takeOrders(keeper)
  }

  /// Claims what this gateway should work, and lets go of what others should.
  func share(_ keeper: LeaseKeeper) async {
    guard let standing = keeper.standing, standing.term.runs, standing.askedAt >= leaseWork.lastChange, lanesAreOpen,
      !isStopping
    else { return }
    let plan = LanePlan(standing.table)
    letGo(of: plan.surplus(of: keeper.gateway, in: standing.table), keeper)
    let wanted = plan.claims(of: keeper.gateway, in: standing.table)
      .filter { elsewhere[$0] != nil && !leaseWork.leaving.contains($0) }
    do throws(JournalError) {
      if !wanted.isEmpty { try await claim(wanted, standing.term, keeper) }
      if leaseWork.areReplaysDue {
        let replays = try await recordedReplays()
        leaseWork.areReplaysDue = false
        await resume(replays)
      }
      if leaseWork.nextCare <= .now { try await careForRetired(keeper) }
    } catch {
      context.logger.warning("lanes could not be claimed", metadata: ["error": "\(error)"])
    }
  }

  private func claim(_ names: [String], _ term: LeaseTerm, _ keeper: LeaseKeeper) async throws(JournalError) {
    let records = try await keeper.leases.claim(names)
    leaseWork.lastChange = .now
    // Otherwise they are claimed anew, or let go of, with the next look.
    guard term.runs, lanesAreOpen, !isStopping else { return }
    for record in records {
      let name = record.subscriber
      guard board.lanes[name] == nil, let route = elsewhere.removeValue(forKey: name) else { continue }
      start(Lane(record: record, route: route, term: term))
      // Its replays may have had a part of its rate limit.
      try? refresh(name)
    }
    board.routesChanged()
    leaseWork.areReplaysDue = true
    if records.contains(where: { $0.forgetAt != nil }) { leaseWork.nextCare = .now }
  }

  private func letGo(of names: [String], _ keeper: LeaseKeeper) {
    let leaving = Set(names).subtracting(leaseWork.leaving)
    guard !leaving.isEmpty else { return }
    leaseWork.leaving.formUnion(leaving)
    for name in leaving {
      guard let lane = board.lanes[name] else { continue }
      close(lane, isGone: false)
      elsewhere[name] = lane.currentRoute
    }
    perform { await self.handOver(leaving, keeper) }
  }

  /// Lets go of lanes when what they have in flight has ended and is recorded.
  private func handOver(_ names: Set<String>, _ keeper: LeaseKeeper) async {
    let deadline = ContinuousClock.now + LeaseLimit.handover
    var left = names
    while !left.isEmpty {
      let ending = board.ending.filter { left.contains($0.record.subscriber) }
      if ContinuousClock.now >= deadline { for lane in ending { leave(lane) } }
      let isOver = ContinuousClock.now >= deadline + LeaseLimit.grace
      let ended = isOver ? left : left.subtracting(ending.map(\.record.subscriber))
      if !ended.isEmpty {
        await release(ended, keeper)
        left.subtract(ended)
      } else {
        try? await Task.sleep(for: Limit.tick)
      }
    }
  }

  /// What is not let go of now is with the next look.
  private func release(_ names: Set<String>, _ keeper: LeaseKeeper) async {
    do throws(JournalError) {
      try await keeper.leases.release(names.sorted())
    } catch {
      context.logger.warning("lanes could not be let go of", metadata: ["error": "\(error)"])
    }
    leaseWork.lastChange = .now
    leaseWork.leaving.subtract(names)
  }

  // MARK: Stopping

  /// Ends a lane now: what has ended is recorded as far as it is, and what is in flight is repeated.
  func leave(_ lane: Lane) {
    lane.abandon()
    // Nobody else sends it before this gateway is started again, unless others share the journal.
    if lane.term != nil { context.transport.cut(lane.requests) }
  }

  /// Lets go of those that have recorded all, so that others go on with them before the last has.
  func releaseEnded(of lanes: [Lane]) {
    guard let keeper else { return }
    let busy = Set(lanes.lazy.filter { !$0.ended.isOpen }.map(\.record.subscriber))
    let ended = Set(lanes.map(\.record.subscriber)).subtracting(busy).subtracting(leaseWork.released)
    guard !ended.isEmpty else { return }
    leaseWork.released.formUnion(ended)
    perform { await self.release(ended, keeper) }
  }

  /// Lets go of everything.
  func leaveOthers() async {
    guard let keeper else { return }
    await keeper.stop()
    do throws(JournalError) {
      try await keeper.leases.leave()
    } catch {
      context.logger.warning(
        "this gateway's lanes could not be let go of: others have them when its lease has run out",
        metadata: ["error": "\(error)"])
    }
  }

  // MARK: Retired lanes

  /// Gateways that read their routes at the same time see each other with the old ones: one may have retired a lane that
  /// another serves, or none may have retired one that nobody does.
  private func careForRetired(_ keeper: LeaseKeeper) async throws(JournalError) {
    leaseWork.nextCare = .now + LeaseLimit.care
    let named = keeper.named()
    for record in try await context.journal.lanes() where record.replay == nil {
      let name = record.subscriber
      let isOurs = board.lanes[name] != nil || elsewhere[name] != nil || misconfigured[name] != nil
      guard lanesAreOpen else { return }
      if record.forgetAt != nil, isOurs {
        _ = try await context.journal.openLane(for: name, startingAt: record.cursor)
      } else if record.forgetAt == nil, !isOurs, !named.contains(name), keeper.isFirst {
        let keep = leaseWork.keeps[name] ?? Limit.keep
        try await context.journal.retireLane(record.id, forgetAt: context.clock() + keep)
      }
    }
  }

  // MARK: What others see

  /// Whether this gateway is the one that keeps the journal within its bounds. That it may be two for a moment does no
  /// harm: what is trimmed or given up is by what the journal has.
  var keepsJournal: Bool { keeper?.isFirst ?? true }

  /// Subscribers that the routes of other gateways name.
  var namedByOthers: Set<String> { keeper?.named(byOthers: true) ?? [] }

  /// Whether another gateway has a subscriber's lanes, or some gateway is about to.
  func isWorkedByOthers(_ subscriber: String) -> Bool {
    guard let keeper else { return false }
    return keeper.isElsewhere(subscriber) || keeper.isServed(subscriber)
  }

  /// Has whoever works a subscriber's lane give up its oldest events. Nobody waits for it: what the journal has tells
  /// whether it was done.
  func passOnExpiry(of subscriber: String, below limit: SequenceNumber, _ reason: String) {
    perform { _ = try? await self.passOn(.expire(below: limit.rawValue, reason: reason), of: subscriber) }
  }

  /// Those that share the journal, as far as this gateway knows.
  package func fleet() -> GatewayFleet {
    let gateways = keeper?.table?.gateways ?? []
    return GatewayFleet(
      gateways: max(1, gateways.count), fingerprints: max(1, Set(gateways.map(\.presence.fingerprint)).count),
      lanesOwned: board.lanes.count)
  }
}
