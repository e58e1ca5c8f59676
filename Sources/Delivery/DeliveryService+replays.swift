package import GatewayCore
import Logging
import OrderedCollections

// Sending history again: each replay has a lane of its own.

extension DeliveryService: ReplayControl {
  enum ReplayLimit {
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
    let subscriber = try servedSubscriber(request.subscriber)
    let now = context.clock()
    let to = min(request.to ?? now, now)
    guard request.from < to else {
      throw .invalid("The span is empty: \"from\" is \(request.from) and it ends at \(to); give an earlier \"from\".")
    }
    let cursor = try await cursor(of: subscriber.name)
    return try await recorded { () async throws(JournalError) in
      let journal = context.journal
      let start = try await journal.position(receivedAtOrAfter: request.from)
      var end = cursor
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
    guard let subscriber = self.subscriber(named: subscriber) else { return plan }
    let replay = Replay(plan, id: .random(), events: events, rateLimit: nil, now: from)
    plan.isExact = subscriber.match == nil
    plan.totalEvents = try await wantedEvents(of: replay, subscriber, from: start)
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
    _ = try servedSubscriber(record.subscriber)
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
    let range = expired.map { ($0.lane, $0.first) }
    let record = try await recorded { () async throws(JournalError) in
      try await context.journal.openReplay(replay, insteadOf: range)
    }
    guard let record else { return nil }
    replayed.insert(replay.subscriber)
    // It is on disk: whoever has the subscriber's lanes next goes on with it in any case.
    if board.lanes[replay.subscriber] == nil {
      _ = try? await passOn(.beginReplay(replay.id.description), of: replay.subscriber)
    }
    return try await recorded { () async throws(JournalError) in
      if board.lanes[replay.subscriber] != nil, board.replays[replay.id] == nil, !isStopping {
        try begin(replay, record)
      }
      return try await status(of: replay, record)
    }
  }

  /// Goes on with a replay that another gateway has made.
  func beginReplay(_ id: ReplayID) async throws(ControlError) {
    await resume([try await known(id)])
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
    if let status = try await passOn(.pauseReplay(id.description), of: id) { return status }
    return try await alone(with: id) { () async throws(ControlError) in try await setState(.paused, of: id) }
  }

  package func resumeReplay(_ id: ReplayID) async throws(ControlError) -> ReplayStatus {
    if let status = try await passOn(.resumeReplay(id.description), of: id) { return status }
    return try await alone(with: id) { () async throws(ControlError) in
      let status = try await setState(.running, of: id)
      // Unless it has just come to its end.
      if let lane = board.replays[id], !lane.ended.isOpen { _ = try? await lane.ask { .resume($0) } }
      return status
    }
  }

  package func cancelReplay(_ id: ReplayID) async throws(ControlError) -> ReplayStatus {
    if let status = try await passOn(.cancelReplay(id.description), of: id) { return status }
    return try await alone(with: id) { () async throws(ControlError) in try await cancel(id) }
  }

  /// Has the gateway that works a replay do something with it; nil if it is this one, or none does.
  private func passOn(_ act: DeliveryOrder.Act, of id: ReplayID) async throws(ControlError) -> ReplayStatus? {
    guard keeper != nil else { return nil }
    let subscriber = try await known(id).0.subscriber
    guard try await passOn(act, of: subscriber) != nil else { return nil }
    return try await replay(id)
  }

  /// One change of a replay at a time: each finds it as the one before has left it.
  func alone<Value>(with id: ReplayID, _ change: () async throws(ControlError) -> Value)
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

  func known(_ id: ReplayID) async throws(ControlError) -> (Replay, LaneRecord) {
    let found = try await recorded { () async throws(JournalError) in
      (try await context.journal.replays().first { $0.id == id }, try await replayRecords()[id])
    }
    guard let replay = found.0, let record = found.1 else {
      throw .notFound("There is no replay \(id); GET /v1/replays lists those that are kept.")
    }
    return (replay, record)
  }

  func open(_ id: ReplayID) async throws(ControlError) -> (Replay, LaneRecord) {
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
    if replay.state == .running, keeper?.isElsewhere(replay.subscriber) != true { status.reason = reason(of: lane) }
    if let subscriber = lane?.subscriber ?? subscriber(named: replay.subscriber) {
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
    guard let subscriber = subscriber(named: status.replay.subscriber) else {
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

  func replayRecords() async throws(JournalError) -> [ReplayID: LaneRecord] {
    let records = try await context.journal.lanes().compactMap { record in record.replay.map { ($0, record) } }
    return Dictionary(uniqueKeysWithValues: records)
  }
}

extension Replay {
  fileprivate init(_ plan: ReplayPlan, id: ReplayID, events: [EventPattern], rateLimit: RateLimit?, now: Timestamp) {
    self.init(
      id: id, subscriber: plan.subscriber, start: plan.start, end: plan.end, from: plan.from, to: plan.to,
      events: events, rateLimit: rateLimit, createdAt: now, totalEvents: plan.totalEvents, isExact: plan.isExact)
  }
}
