package import GatewayCore
import OrderedCollections

// Holding subscribers and letting go of them.

extension DeliveryService: DeliveryControl {
  package nonisolated var attempts: AttemptFeed { context.feed }

  package func pause(_ subscriber: String) async throws(ControlError) {
    guard try await passOn(.pause, of: subscriber) == nil else { return }
    try await tell(try servedLane(subscriber)) { .pause($0) }
  }

  package func resume(_ subscriber: String) async throws(ControlError) {
    guard try await passOn(.resume, of: subscriber) == nil else { return }
    let lane = try servedLane(subscriber)
    guard !lane.subscriber.paused else {
      throw .conflict("\(subscriber) is paused in the routes file; take \"paused: true\" out there.")
    }
    try await tell(lane) { .resume($0) }
  }

  /// How long an operator waits until what a lane is told is on disk: less than an exchange over the door takes.
  static let patience = Duration.seconds(20)

  private func tell(_ lane: Lane, _ message: (LaneAnswer) -> LaneMessage) async throws(ControlError) {
    do throws(JournalError) {
      _ = try await lane.ask(within: Self.patience, message)
    } catch {
      throw .unrecorded(error)
    }
  }

  package func forget(_ subscriber: String) async throws(ControlError) {
    guard self.subscriber(named: subscriber) == nil, misconfigured[subscriber] == nil else {
      throw .conflict("The routes file names \(subscriber); remove it there first.")
    }
    guard keeper?.named().contains(subscriber) != true else {
      throw .conflict("The routes file of another gateway names \(subscriber); remove it there first.")
    }
    guard !board.ending.contains(where: { $0.record.subscriber == subscriber }) else {
      throw .conflict("Attempts at \(subscriber) are still in flight; try again in a moment.")
    }
    guard lanesAreOpen, forgetting.insert(subscriber).inserted else {
      throw .conflict("The routes are being put in force, or it is being forgotten already; try again in a moment.")
    }
    defer { forgetting.remove(subscriber) }
    let forgotten = try await recorded { () async throws(JournalError) in
      let lanes = try await context.journal.lanes().filter { $0.subscriber == subscriber }
      for lane in lanes { try await context.journal.deleteLane(lane.id) }
      return lanes.count
    }
    guard forgotten > 0 else { throw .notFound("Nothing is kept of a subscriber named \(subscriber.prefix(100)).") }
  }

  package func removedSubscribers() async throws(ControlError) -> [RemovedSubscriber] {
    try await recorded { () async throws(JournalError) in
      var removed: [RemovedSubscriber] = []
      let others = keeper?.named() ?? []
      for record in try await context.journal.lanes() where record.replay == nil && !others.contains(record.subscriber)
      {
        guard subscriber(named: record.subscriber) == nil, misconfigured[record.subscriber] == nil else { continue }
        let counts = try await context.journal.exceptionCounts(of: record.id)
        removed.append(
          RemovedSubscriber(
            name: record.subscriber, cursor: record.cursor,
            behindEvents: context.journal.head.next - record.cursor + counts.waitingEvents, deadLetters: counts.dead,
            forgetAt: record.forgetAt))
      }
      return removed.sorted { $0.name < $1.name }
    }
  }

  /// The lane of a subscriber that is in the routes file and is not misconfigured, and that this gateway works.
  func servedLane(_ name: String) throws(ControlError) -> Lane {
    if let lane = board.lanes[name] { return lane }
    _ = try servedSubscriber(name)
    throw .conflict(Self.workedByNobody(name))
  }

  /// A subscriber that is in the routes file and is not misconfigured.
  func servedSubscriber(_ name: String) throws(ControlError) -> Subscriber {
    if let subscriber = subscriber(named: name) { return subscriber }
    if let entry = misconfigured[name] {
      throw .conflict("\(name) is misconfigured and sends nothing: \(entry.reason)")
    }
    throw .notFound("No subscriber is named \(name.prefix(100)); GET /v1/subscribers lists them.")
  }

  /// Whatever the journal throws, as an operator gets it.
  func recorded<Value>(_ body: () async throws(JournalError) -> Value) async throws(ControlError) -> Value {
    do throws(JournalError) {
      return try await body()
    } catch {
      throw .journal(error)
    }
  }
}
