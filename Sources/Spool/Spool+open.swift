package import CoreMetrics
package import GatewayCore
package import Logging

extension Spool {
  /// The spool of one journal.
  ///
  /// - Parameters:
  ///   - store: What it is kept in: a journal of its own, which nobody else uses.
  ///   - mark: That of the journal: what was spooled for one is never drained into another.
  /// - Throws: `.unavailable` with a sentence when `store` is something else, or holds what another journal is to have.
  package static func open(
    before journal: any BatchAppender, mark: GatewayMark, store: any Journal, limits: SpoolLimits,
    clock: @escaping WallClock, logger: Logger, metrics: any MetricsFactory
  ) async throws(JournalError) -> Spool {
    let name = lanePrefix + mark.rawValue
    let others = try await store.lanes().filter { $0.subscriber != name }
    let isKnown = try await store.lanes().contains { $0.subscriber == name }
    guard others.allSatisfy({ $0.subscriber.hasPrefix(lanePrefix) }),
      isKnown || !others.isEmpty || store.head.next == .first
    else { throw .unavailable("it is the journal of a gateway and not a spool; give the spool a file of its own") }
    for other in others {
      let left = store.head.next - other.cursor
      guard isKnown || left == 0, try await store.exceptionCounts(of: other.id).dead == 0 else {
        throw .unavailable(
          """
          it holds \(left) callbacks that another database is to have; start a gateway with that one until they are \
          drained, or use another file
          """)
      }
    }
    let lane = try await store.openLane(for: name, startingAt: store.head.next)
    for other in others { try await store.deleteLane(other.id) }
    let setAside = try await store.exceptionCounts(of: lane.id).dead
    let spool = Spool(
      journal: journal, store: store, lane: lane, setAside: setAside, limits: limits, clock: clock, logger: logger,
      metrics: metrics)
    if spool.depth > 0 {
      logger.notice("the spool holds callbacks of an earlier run", metadata: ["spool.callbacks": "\(spool.depth)"])
    }
    return spool
  }

  /// Whether a journal is a spool, which no gateway may serve from.
  package static func isSpool(_ journal: any Journal) async throws(JournalError) -> Bool {
    try await journal.lanes().contains { $0.subscriber.hasPrefix(lanePrefix) }
  }

  /// No subscriber's name has a colon.
  private static let lanePrefix = "spool:"
}
