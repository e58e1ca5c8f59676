import GatewayCore
import Logging
import OrderedCollections

// The lanes of replays.

extension DeliveryService {
  /// What the journal has of open replays.
  func recordedReplays() async throws(JournalError) -> [(Replay, LaneRecord)] {
    let all = try await context.journal.replays()
    replayed.formUnion(all.map(\.subscriber))
    let open = all.filter(\.state.isOpen)
    guard !open.isEmpty else { return [] }
    let records = try await replayRecords()
    return open.compactMap { replay in records[replay.id].map { (replay, $0) } }
  }

  /// Goes on with those whose subscriber is served and that have no lane yet, unless they have been ended since they were
  /// read.
  func resume(_ replays: [(Replay, LaneRecord)]) async {
    for (read, _) in replays where board.replays[read.id] == nil && board.lanes[read.subscriber] != nil {
      do throws(ControlError) {
        try await alone(with: read.id) { () async throws(ControlError) in
          let (replay, record) = try await open(read.id)
          guard board.replays[replay.id] == nil, !isStopping else { return }
          try await recorded { () async throws(JournalError) in try begin(replay, record) }
        }
      } catch {
        guard case .journal = error else { continue }
        context.logger.warning(
          "a replay does not go on before the next reload",
          metadata: ["replay": "\(read.id)", "subscriber": "\(read.subscriber)", "error": "\(error)"])
      }
    }
  }

  func begin(_ replay: Replay, _ record: LaneRecord) throws(JournalError) {
    guard let lane = try addLane(of: replay, record) else { return }
    startTask(of: lane, replay)
  }

  /// Asks something of a replay's lane, also of one that has ended: it goes on for that.
  func reopen(_ id: ReplayID, _ message: (LaneAnswer) -> LaneMessage) async throws(ControlError) -> LaneOutcome {
    for _ in 0..<ReplayLimit.tries {
      let outcome = try await alone(with: id) { () async throws(ControlError) in
        await Result { () async throws(JournalError) in try await askReopened(id, message) }
      }
      switch outcome {
      case .success(let outcome): return outcome
      // One that is about to end takes no more; a moment later it has ended, and can be opened again.
      case .failure(.closed) where !isStopping: try? await Task.sleep(for: Limit.tick)
      case .failure(let error): throw .journal(error)
      }
    }
    throw .conflict("The replay \(id) is just ending; try again in a moment.")
  }

  private func askReopened(_ id: ReplayID, _ message: (LaneAnswer) -> LaneMessage) async throws(JournalError)
    -> LaneOutcome
  {
    if let lane = board.replays[id] { return try await lane.ask(message) }
    guard let known = try await context.journal.replays().first(where: { $0.id == id }),
      let record = try await replayRecords()[id]
    else { throw .unavailable("the replay \(id) has been forgotten") }
    var replay = known
    (replay.state, replay.endedAt) = (.running, nil)
    try await context.journal.setState(.running, of: id, endedAt: nil, forgetAt: nil)
    guard let lane = try addLane(of: replay, record) else {
      throw .unavailable("its subscriber \(replay.subscriber) is not served at the moment")
    }
    let end = known.state == .cancelled ? known.state : .done
    return try await lane.ask(start: { startTask(of: lane, replay, endsAs: end) }, message)
  }

  private func addLane(of replay: Replay, _ record: LaneRecord) throws(JournalError) -> Lane? {
    guard let live = board.lanes[replay.subscriber] else { return nil }
    let route = try route(live.subscriber, tokens, rateLimit: replay.rateLimit, replay: replay)
    // What a replay settles is the subscriber's: it has the epoch of its lane.
    var record = record
    record.epoch = live.record.epoch
    let lane = Lane(record: record, route: route, follows: live, term: live.term)
    board.addReplay(lane, replay.id)
    try refresh(replay.subscriber)
    return lane
  }

  private func startTask(of lane: Lane, _ replay: Replay, endsAs state: Replay.State = .done) {
    guard let handles = metrics[replay.subscriber] else { return }
    run(lane, metrics: handles) { [self] in await laneEnded(lane, replay, as: state) }
  }

  private func laneEnded(_ lane: Lane, _ replay: Replay, as state: Replay.State) async {
    guard lane.isComplete else { return }
    try? await alone(with: replay.id) { () async throws(ControlError) in
      // Unless it has been cancelled since.
      guard board.replays[replay.id] === lane else { return }
      board.removeReplay(replay.id)
      await recordEnd(of: replay, as: state)
    }
  }

  private func recordEnd(of replay: Replay, as state: Replay.State) async {
    while !isStopping {
      do throws(JournalError) {
        try await end(replay.id, as: state)
        context.logger.info(
          "replay done", metadata: ["replay": "\(replay.id)", "subscriber": "\(replay.subscriber)"])
        return try refresh(replay.subscriber)
      } catch {
        context.logger.warning("the end of a replay could not be recorded", metadata: ["error": "\(error)"])
        try? await Task.sleep(for: ReplayLimit.pause)
      }
    }
  }

  func end(_ id: ReplayID, as state: Replay.State) async throws(JournalError) {
    let now = context.clock()
    try await context.journal.setState(state, of: id, endedAt: now, forgetAt: now + ReplayLimit.kept)
  }

  /// Gives a lane its subscriber's settings, and all lanes of that subscriber their parts of its rate limit.
  func update(_ lane: Lane, to subscriber: Subscriber, replay: Replay? = nil) throws(JournalError) {
    let replay = replay ?? lane.currentRoute.replay
    lane.update(try route(subscriber, tokens, rateLimit: lane.currentRoute.rateLimit, replay: replay))
    try refresh(subscriber.name)
  }

  /// Divides a subscriber's rate limit anew.
  func refresh(_ name: String) throws(JournalError) {
    guard let live = board.lanes[name] else { return }
    let subscriber = live.subscriber
    let replays = board.replays.values.filter { $0.record.subscriber == name }
    let own = replays.map { $0.currentRoute.replay?.rateLimit }
    let shares = subscriber.rateLimit?.shared(withReplays: own)
    try give(shares?.live, to: live, subscriber)
    for (index, lane) in replays.enumerated() {
      try give(shares.map { $0.replays[index] } ?? own[index], to: lane, subscriber)
    }
  }

  private func give(_ limit: RateLimit?, to lane: Lane, _ subscriber: Subscriber) throws(JournalError) {
    let current = lane.currentRoute
    guard current.rateLimit != limit || current.subscriber != subscriber || current.tokens != tokens else { return }
    lane.update(try route(subscriber, tokens, rateLimit: limit, replay: current.replay))
  }
}
