import GatewayCore
import Logging
import Synchronization

/// Keeps this gateway's lease: renews it again and again, and knows since when it has run out.
final class LeaseKeeper: Sendable {
  enum Limit {
    /// How often the lease is renewed, and others are looked at: lanes that somebody lets go of are taken up this soon.
    static let interval = Duration.milliseconds(250)
    /// How soon the end of the lease is noticed.
    static let tick = Duration.milliseconds(20)
    /// How long a stop waits for a renewal that is under way.
    static let patience = Duration.seconds(2)
  }

  /// How things stand among the gateways, as far as this one knows.
  struct Standing: Sendable {
    var table: LeaseTable
    var term: LeaseTerm
    /// When the table was asked for: what has been done since is not in it.
    var askedAt: ContinuousClock.Instant
  }

  private struct State {
    var presence: GatewayPresence
    var standing: Standing?
    /// There is something to tell the others at once.
    var isNews = false
    var isFailing = false
    var isRunning = false
    var isStopped = false
  }

  let leases: any LaneLeases
  let logger: Logger
  private let state: Mutex<State>
  /// Something to do after each renewal.
  let looks: AsyncStream<Void>
  private let look: AsyncStream<Void>.Continuation

  init(leases: any LaneLeases, name: String, logger: Logger) {
    self.leases = leases
    self.logger = logger
    state = Mutex(State(presence: GatewayPresence(fingerprint: "", subscribers: [], name: name)))
    (looks, look) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
  }

  var gateway: GatewayID { leases.gateway }
  var name: String { state.withLock(\.presence.name) }
  /// Nil before the first renewal.
  var standing: Standing? { state.withLock(\.standing) }
  var table: LeaseTable? { standing?.table }

  /// What the others are to know of this one: told at once.
  func present(fingerprint: String, subscribers: [String], misconfigured: [String]) {
    state.withLock { state in
      state.presence.fingerprint = fingerprint
      state.presence.subscribers = subscribers.sorted()
      state.presence.misconfigured = misconfigured.sorted()
      state.isNews = true
    }
  }

  /// From now on this gateway takes nothing any more.
  func withdraw() { present(fingerprint: state.withLock(\.presence.fingerprint), subscribers: [], misconfigured: []) }

  /// Renews the lease until it is told to stop.
  ///
  /// - Parameter noticed: Called when things stand otherwise, and when the lease has run out.
  func run(_ noticed: @escaping @Sendable () async -> Void) async {
    state.withLock { $0.isRunning = true }
    defer { state.withLock { $0.isRunning = false } }
    await withDiscardingTaskGroup { group in
      group.addTask { await self.watch(noticed) }
      while !state.withLock(\.isStopped) {
        do throws(JournalError) {
          try await renew()
          await noticed()
          look.yield()
        } catch {
          failed(error)
        }
        await pause()
      }
    }
  }

  /// Returns when nothing is renewed any more, or when that takes too long.
  func stop() async {
    state.withLock { $0.isStopped = true }
    look.finish()
    let deadline = ContinuousClock.now + Limit.patience
    while state.withLock(\.isRunning), ContinuousClock.now < deadline { try? await Task.sleep(for: Limit.tick) }
  }

  /// Renews it once: it lasts from before that was asked for.
  func renew() async throws(JournalError) {
    let presence = state.withLock { state in
      state.isNews = false
      return state.presence
    }
    let now = ContinuousClock.now
    let table = try await leases.renew(presence)
    let end = now + leases.duration
    state.withLock { state in
      state.isFailing = false
      // What was owned before a break may be another's by now.
      let term = state.standing.flatMap { $0.term.extend(until: end) ? $0.term : nil } ?? LeaseTerm(until: end)
      guard let before = state.standing, before.askedAt > now else {
        return state.standing = Standing(table: table, term: term, askedAt: now)
      }
      state.standing?.term = term
    }
  }

  private func failed(_ error: JournalError) {
    let isNew = state.withLock { state in
      defer { state.isFailing = true }
      return !state.isFailing
    }
    guard isNew else { return }
    logger.warning("the lease of this gateway's lanes could not be renewed", metadata: ["error": "\(error)"])
  }

  private func pause() async {
    let end = ContinuousClock.now + Limit.interval
    while ContinuousClock.now < end, !state.withLock({ $0.isNews || $0.isStopped }) {
      try? await Task.sleep(for: Limit.tick)
    }
  }

  private func watch(_ noticed: @Sendable () async -> Void) async {
    var told: LeaseTerm?
    while !state.withLock(\.isStopped) {
      try? await Task.sleep(for: Limit.tick)
      guard let term = standing?.term, !term.runs, term !== told else { continue }
      told = term
      logger.warning("the lease of this gateway's lanes has run out: it works none until it is renewed")
      await noticed()
    }
  }
}

// MARK: What the table says

extension LeaseKeeper {
  /// Whether another gateway owns the lanes of a subscriber.
  func isElsewhere(_ subscriber: String) -> Bool { owner(of: subscriber).map { $0 != gateway } ?? false }

  func owner(of subscriber: String) -> GatewayID? { table?.lanes[subscriber]?.owner }

  /// The name of the gateway that owns the lanes of a subscriber.
  func ownerName(of subscriber: String) -> String? {
    guard let table, let owner = table.lanes[subscriber]?.owner else { return nil }
    return table.gateways.first { $0.id == owner }?.presence.name
  }

  /// Whether some gateway could work the lanes of a subscriber.
  func isServed(_ subscriber: String) -> Bool {
    table?.gateways.contains { $0.presence.subscribers.contains(subscriber) } ?? false
  }

  /// All subscribers that are in the routes of some gateway, or of another one.
  func named(byOthers: Bool = false) -> Set<String> {
    let gateways = (table?.gateways ?? []).filter { !byOthers || $0.id != gateway }
    return Set(gateways.flatMap { $0.presence.subscribers + $0.presence.misconfigured })
  }

  /// Whether this gateway does what one alone is to do.
  var isFirst: Bool {
    guard let standing, standing.term.runs else { return false }
    return standing.table.gateways.map(\.id).min() == gateway
  }

  /// Whether somebody else owns a lane that was claimed under an epoch, as far as the table knows of that claim.
  func isTaken(_ record: LaneRecord) -> Bool {
    guard let epoch = record.epoch, let lane = table?.lanes[record.subscriber] else { return false }
    return lane.epoch > epoch || lane.epoch == epoch && lane.owner != gateway
  }
}
