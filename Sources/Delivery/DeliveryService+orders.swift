import Foundation
import GatewayCore
import Logging
import OrderedCollections

// What is asked here and is to be done where the subscriber's lanes are worked, and the other way round. Orders and
// answers go through the journal: gateways need not reach each other.

extension DeliveryService {
  private enum OrderLimit {
    /// How often an answer is looked for.
    static let interval = Duration.milliseconds(100)
    /// How long somebody is waited for who works the lanes: no longer than a clean move takes.
    static let ownerPatience = Duration.seconds(2)
    /// How long an order waits for the lane to be started.
    static let startPatience = Duration.seconds(5)
    /// How long the journal is left alone that did not take an answer.
    static let pause = Duration.seconds(1)
  }

  // MARK: Asking

  /// Has the gateway that works a subscriber's lanes do something. Returns nil if that is this one, or if no gateway could
  /// work them: then it is to be done here, as far as it can be.
  @discardableResult
  func passOn(_ act: DeliveryOrder.Act, of subscriber: String) async throws(ControlError) -> DeliveryAnswer? {
    guard let keeper, try await isElsewhere(subscriber, keeper) else { return nil }
    // What it changes is shown from now on.
    defer { distant.readAt = nil }
    let order = DeliveryOrder(act: act, notAfter: (context.clock() + Self.patience).milliseconds)
    let deadline = ContinuousClock.now + Self.patience
    let answer = try await recorded { () async throws(JournalError) -> [UInt8]? in
      let id = try await keeper.leases.post(Self.encoded(order), to: subscriber)
      while ContinuousClock.now < deadline {
        if let answer = try await keeper.leases.takeAnswer(to: id) { return answer }
        try? await Task.sleep(for: OrderLimit.interval)
      }
      return nil
    }
    guard let answer else {
      throw .conflict(
        "The gateway that works \(subscriber), \(keeper.ownerName(of: subscriber) ?? "unknown"), did not answer in time; "
          + "look whether it was done, and try again.")
    }
    guard let answer = try? JSONDecoder().decode(DeliveryAnswer.self, from: Data(answer)) else {
      throw .conflict(
        "The gateway that works \(subscriber) is of another version and answers what this one cannot read.")
    }
    if let error = answer.error { throw error }
    return answer
  }

  /// Waits for a lane that is on its way to somebody.
  private func isElsewhere(_ subscriber: String, _ keeper: LeaseKeeper) async throws(ControlError) -> Bool {
    let deadline = ContinuousClock.now + OrderLimit.ownerPatience
    while board.lanes[subscriber] == nil {
      if keeper.isElsewhere(subscriber) { return true }
      guard keeper.isServed(subscriber) || elsewhere[subscriber] != nil else { return false }
      guard ContinuousClock.now < deadline else { throw .conflict(Self.workedByNobody(subscriber)) }
      try? await Task.sleep(for: OrderLimit.interval)
    }
    return false
  }

  static func workedByNobody(_ subscriber: String) -> String {
    "No gateway works \(subscriber) at the moment; if one has failed, another does when its lease has run out. "
      + "Try again in a moment."
  }

  private static func encoded(_ value: some Encodable) throws(JournalError) -> [UInt8] {
    do {
      return Array(try JSONEncoder().encode(value))
    } catch {
      throw .refused("what is asked of another gateway cannot be written: \(error)")
    }
  }

  // MARK: Doing

  /// Begins what others ask for: each order once, although it is in each table until it is answered.
  func takeOrders(_ keeper: LeaseKeeper) {
    guard let orders = keeper.table?.orders else { return }
    leaseWork.orders.formIntersection(orders.map(\.id))
    guard !isStopping else { return }
    for order in orders where leaseWork.orders.insert(order.id).inserted {
      perform { await self.obey(order, keeper) }
    }
  }

  private func obey(_ order: LaneOrder, _ keeper: LeaseKeeper) async {
    guard let answer = await answer(to: order, keeper), let body = try? Self.encoded(answer) else {
      // Whoever owns the lane then does it.
      leaseWork.orders.remove(order.id)
      return
    }
    while !isStopping {
      do throws(JournalError) {
        return try await keeper.leases.answer(order.id, body)
      } catch {
        context.logger.warning("another gateway's order could not be answered", metadata: ["error": "\(error)"])
        try? await Task.sleep(for: OrderLimit.pause)
      }
    }
  }

  /// Nil if the lane is not this gateway's after all.
  private func answer(to order: LaneOrder, _ keeper: LeaseKeeper) async -> DeliveryAnswer? {
    guard let known = try? JSONDecoder().decode(DeliveryOrder.self, from: Data(order.body)) else {
      return DeliveryAnswer(
        .conflict("\(keeper.name), which works \(order.subscriber), is of another version and cannot do that."))
    }
    guard context.clock().milliseconds <= known.notAfter else {
      return DeliveryAnswer(.conflict("It was asked for too long ago."))
    }
    let deadline = ContinuousClock.now + OrderLimit.startPatience
    while board.lanes[order.subscriber] == nil {
      guard keeper.owner(of: order.subscriber) == keeper.gateway, ContinuousClock.now < deadline, !isStopping else {
        return nil
      }
      try? await Task.sleep(for: Limit.tick)
    }
    do throws(ControlError) {
      return try await perform(known.act, order.subscriber)
    } catch {
      return DeliveryAnswer(error)
    }
  }

  private func perform(_ act: DeliveryOrder.Act, _ subscriber: String) async throws(ControlError) -> DeliveryAnswer {
    switch act {
    case .pause: try await pause(subscriber)
    case .resume: try await resume(subscriber)
    case .tellCursor: return DeliveryAnswer(cursor: board.lanes[subscriber]?.figures.cursor.rawValue)
    case .revive(let lane, let firsts, let replay):
      let record = try await record(of: LaneID(rawValue: lane))
      let (outcome, isFull) = try await revive(
        firsts.map(SequenceNumber.init(rawValue:)), in: record, as: try Self.replay(replay))
      return DeliveryAnswer(exceptions: outcome.exceptions, events: outcome.events, isFull: isFull)
    case .forgetExpiredRange(let lane):
      let record = try await record(of: LaneID(rawValue: lane))
      self.lane(of: record)?.mailbox.post(.expiredRangeDiscarded)
    case .expire(let limit, let reason):
      let limit = SequenceNumber(rawValue: limit)
      board.lanes[subscriber]?.mailbox.post(.expire(below: limit, reason: reason, alsoDead: true))
    case .beginReplay(let replay): try await beginReplay(try Self.replay(replay))
    case .pauseReplay(let replay): _ = try await pauseReplay(try Self.replay(replay))
    case .resumeReplay(let replay): _ = try await resumeReplay(try Self.replay(replay))
    case .cancelReplay(let replay): _ = try await cancelReplay(try Self.replay(replay))
    }
    return DeliveryAnswer()
  }

  private func record(of lane: LaneID) async throws(ControlError) -> LaneRecord {
    let record = try await recorded { () async throws(JournalError) in
      try await context.journal.lanes().first { $0.id == lane }
    }
    guard let record else { throw .notFound("There is no such lane any more.") }
    return record
  }

  private static func replay(_ text: String) throws(ControlError) -> ReplayID {
    guard let id = ReplayID(text) else { throw .invalid("\(text) names no replay.") }
    return id
  }
}
