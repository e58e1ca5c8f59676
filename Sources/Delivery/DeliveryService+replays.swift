package import GatewayCore
import Logging
import OrderedCollections

// Sending history again: each replay has a lane of its own.

extension DeliveryService: ReplayControl {
  private enum ReplayLimit {
    /// Replays of all subscribers that are open.
    static let open = 100
    /// How long one is listed that has ended, with its dead letters.
    static let kept = Duration.seconds(7 * 86_400)
    /// How often a replay is asked again that is about to end.
    static let tries = 250
    /// How long the journal is left alone that did not record that one has ended.
    static let pause = Duration.seconds(1)
  }

  package func plan(_ request: ReplayRequest) async throws(ControlError) -> ReplayPlan {
    let lane = try servedLane(request.subscriber)
    let now = context.clock()
    let to = min(request.to ?? now, now)
    guard request.from < to else {
      throw .invalid("The span is empty: \"from\" is \(request.from) and it ends at \(to); give an earlier \"from\".")
    }
    return try await recorded { () async throws(JournalError) in
      let journal = context.journal
      let start = try await journal.position(receivedAtOrAfter: request.from)
      var end = lane.figures.cursor
      if let to = request.to { end = min(end, try await journal.position(receivedAtOrAfter: to)) }
      return try await plan(request.subscriber, from: request.from, to: to, start, max(start, end), request.events)
    }
  }

  private func plan(
    _ subscriber: String, from: Timestamp, to: Timestamp, _ start: SequenceNumber, _ end: SequenceNumber,
    _ events: [EventPattern]
  ) async throws(JournalError) -> ReplayPlan {
    var plan = ReplayPlan(
      subscriber: subscriber, from: from, to: to, start: start, end: end, totalEvents: 0, isExact: true)
    guard let lane = board.lanes[subscriber] else { return plan }
    let replay = Replay(plan, id: .random(), events: events, rateLimit: nil, now: from)
    plan.isExact = lane.subscriber.match == nil
    plan.totalEvents = try await wantedEvents(of: replay, lane.subscriber, from: start)
    return plan
  }

  /// How many events of a replay lie behind a position, as far as they are retained.
  private func wantedEvents(of replay: Replay, _ subscriber: Subscriber, from position: SequenceNumber)
    async throws(JournalError) -> Int
  {
    guard position < replay.end else { return 0 }
    let (below, all) = (
      try await context.journal.totals(below: position), try await context.journal.totals(below: replay.end)
    )
    return all.reduce(0) { sum, kind in
      guard subscriber.wants(kind.key), replay.includes(kind.key) else { return sum }
      return sum + kind.value - below[kind.key, default: 0]
    }
  }

  package func startReplay(_ request: ReplayRequest) async throws(ControlError) -> ReplayStatus {
    let plan = try await plan(request)
    guard plan.totalEvents > 0 else {
      throw .conflict(
        "Nothing is retained from \(plan.from) to \(plan.to) that \(plan.subscriber) wants and has come to; "
          + "try a dry run with another span.")
    }
    let started = try await start(plan, events: request.events, rateLimit: request.rateLimit, insteadOf: nil)
    guard let started else { preconditionFailure("a replay that stands for no range is always made") }
    return started
  }

  /// Makes a replay of what an expired range stands for; nil if nothing of that is retained, or the range has gone.
  func replayRange(_ exception: DeliveryException, of record: LaneRecord) async throws(ControlError) -> ReplayStatus? {
    _ = try servedLane(record.subscriber)
    let plan = try await recorded { () async throws(JournalError) in
      try await self.plan(
        record.subscriber, from: exception.acceptedAt, to: exception.endedAt ?? exception.acceptedAt, exception.first,
        exception.last + 1, [])
    }
    guard plan.totalEvents > 0 else { return nil }
    let id = DeadLetterID(lane: record.id, first: exception.first)
    return try await start(plan, events: [], rateLimit: nil, insteadOf: id)
  }

  private func start(
    _ plan: ReplayPlan, events: [EventPattern], rateLimit: RateLimit?, insteadOf expired: DeadLetterID?
  ) async throws(ControlError) -> ReplayStatus? {
    guard board.replays.count < ReplayLimit.open else {
      throw .conflict("\(ReplayLimit.open) replays are open already; wait for one to end, or cancel one.")
    }
    let replay = Replay(plan, id: .random(), events: events, rateLimit: rateLimit, now: context.clock())
    return try await recorded { () async throws(JournalError) in
      let range = expired.map { ($0.lane, $0.first) }
      guard let record = try await context.journal.openReplay(replay, insteadOf: range) else { return nil }
      replayed.insert(replay.subscriber)
      if board.lanes[replay.subscriber] != nil, !isStopping { try begin(replay, record) }
      return try await status(of: replay, record)
    }
  }

  package func replays(of subscriber: String?) async throws(ControlError) -> [ReplayStatus] {
    try await recorded { () async throws(JournalError) in
      let records = try await replayRecords()
      var statuses: [ReplayStatus] = []
      for replay in try await context.journal.replays() where subscriber ?? replay.subscriber == replay.subscriber {
        if let record = records[replay.id] { statuses.append(try await status(of: replay, record)) }
      }
      return statuses
    }
  }

  package func replay(_ id: ReplayID) async throws(ControlError) -> ReplayStatus {
    let (replay, record) = try await known(id)
    return try await recorded { () async throws(JournalError) in try await status(of: replay, record) }
  }

  package func pauseReplay(_ id: ReplayID) async throws(ControlError) -> ReplayStatus {
    try await alone(with: id) { () async throws(ControlError) in try await setState(.paused, of: id) }
  }

  package func resumeReplay(_ id: ReplayID) async throws(ControlError) -> ReplayStatus {
    try await alone(with: id) { () async throws(ControlError) in
      let status = try await setState(.running, of: id)
      // Unless it has just come to its end.
      if let lane = board.replays[id], !lane.ended.isOpen { _ = try? await lane.ask { .resume($0) } }
      return status
    }
  }

  package func cancelReplay(_ id: ReplayID) async throws(ControlError) -> ReplayStatus {
    try await alone(with: id) { () async throws(ControlError) in try await cancel(id) }
  }

  /// One change of a replay at a time: each finds it as the one before has left it.
  private func alone<Value>(with id: ReplayID, _ change: () async throws(ControlError) -> Value)
    async throws(ControlError) -> Value
  {
    while !changingReplays.insert(id).inserted { try? await Task.sleep(for: Limit.tick) }
    defer { changingReplays.remove(id) }
    return try await change()
  }

  private func cancel(_ id: ReplayID) async throws(ControlError) -> ReplayStatus {
    let (replay, record) = try await open(id)
    let lane = board.replays[id]
    if let lane {
      board.removeReplay(id)
      lane.abandon()
      await lane.ended.wait()
    }
    try await recorded { () async throws(JournalError) in
      do throws(JournalError) {
        try await end(id, as: .cancelled)
      } catch {
        // As if nothing had been asked.
        if lane != nil, board.lanes[replay.subscriber] != nil, !isStopping { try begin(replay, record) }
        throw error
      }
      try refresh(replay.subscriber)
    }
    return try await self.replay(id)
  }

  private func setState(_ state: Replay.State, of id: ReplayID) async throws(ControlError) -> ReplayStatus {
    let (known, record) = try await open(id)
    var replay = known
    replay.state = state
    try await recorded { () async throws(JournalError) in
      try await context.journal.setState(state, of: id, endedAt: nil, forgetAt: nil)
      if let lane = board.replays[id] { try update(lane, to: lane.subscriber, replay: replay) }
    }
    return try await recorded { () async throws(JournalError) in try await status(of: replay, record) }
  }

  private func known(_ id: ReplayID) async throws(ControlError) -> (Replay, LaneRecord) {
    let found = try await recorded { () async throws(JournalError) in
      (try await context.journal.replays().first { $0.id == id }, try await replayRecords()[id])
    }
    guard let replay = found.0, let record = found.1 else {
      throw .notFound("There is no replay \(id); GET /v1/replays lists those that are kept.")
    }
    return (replay, record)
  }

  private func open(_ id: ReplayID) async throws(ControlError) -> (Replay, LaneRecord) {
    let (replay, record) = try await known(id)
    guard replay.state.isOpen else { throw .conflict("The replay \(id) is \(replay.state.rawValue) already.") }
    return (replay, record)
  }

  private func status(of replay: Replay, _ record: LaneRecord) async throws(JournalError) -> ReplayStatus {
    let counts = try await context.journal.exceptionCounts(of: record.id)
    let lane = board.replays[replay.id]
    var status = ReplayStatus(
      replay: replay, reason: nil, doneEvents: replay.totalEvents, waitingEvents: counts.waitingEvents,
      deadLetters: counts.dead + counts.expiredEvents)
    guard replay.state != .done else { return status }
    if replay.state == .cancelled { return try await cancelled(status) }
    if replay.state == .running { status.reason = reason(of: lane) }
    if let subscriber = (lane ?? board.lanes[replay.subscriber])?.subscriber {
      let left = try await wantedEvents(of: replay, subscriber, from: lane?.figures.cursor ?? record.cursor)
      status.doneEvents = max(0, replay.totalEvents - left - counts.waitingEvents)
    } else {
      status.doneEvents = 0
    }
    return status
  }

  /// Its span ends where it had come; what of that is no longer retained is not counted.
  private func cancelled(_ status: ReplayStatus) async throws(JournalError) -> ReplayStatus {
    var status = status
    guard let subscriber = board.lanes[status.replay.subscriber]?.subscriber else {
      status.doneEvents = 0
      return status
    }
    let sent = try await wantedEvents(of: status.replay, subscriber, from: status.replay.start)
    status.doneEvents = min(status.replay.totalEvents, sent)
    return status
  }

  /// Why a running replay sends nothing; nil if it does.
  private func reason(of lane: Lane?) -> String? {
    guard let lane, let follows = lane.follows else { return "its subscriber is not served at the moment" }
    let live = follows.figures.phase
    if live != .closed, live != .halfOpen { return live.reason.map { "it waits with its subscriber: \($0)" } }
    return lane.figures.phase.reason
  }

  private func replayRecords() async throws(JournalError) -> [ReplayID: LaneRecord] {
    let records = try await context.journal.lanes().compactMap { record in record.replay.map { ($0, record) } }
    return Dictionary(uniqueKeysWithValues: records)
  }
}

// MARK: Their lanes

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

  private func begin(_ replay: Replay, _ record: LaneRecord) throws(JournalError) {
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
    let lane = Lane(record: record, route: route, follows: live)
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

  private func end(_ id: ReplayID, as state: Replay.State) async throws(JournalError) {
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
  private func refresh(_ name: String) throws(JournalError) {
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

extension Replay {
  fileprivate init(_ plan: ReplayPlan, id: ReplayID, events: [EventPattern], rateLimit: RateLimit?, now: Timestamp) {
    self.init(
      id: id, subscriber: plan.subscriber, start: plan.start, end: plan.end, from: plan.from, to: plan.to,
      events: events, rateLimit: rateLimit, createdAt: now, totalEvents: plan.totalEvents, isExact: plan.isExact)
  }
}
