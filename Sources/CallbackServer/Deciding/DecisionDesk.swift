import CoreMetrics
import GatewayCore
import Logging
import Synchronization

/// Knows who is asked before what, by the routes in force.
final class DecisionDesk: Sendable {
  /// A closure stored in a Mutex would be wrapped anew at each access, so the deciders stand in a value of their own.
  private struct Deciders {
    var all: [Decider] = []
  }

  private let transport: any Transport
  private let signers: any SignerFactory
  private let userAgent: String
  private let metrics: DecisionMetrics
  private let capacity: Int
  private let logger: Logger
  private let deciders = Mutex(Deciders())

  init(
    transport: any Transport, signers: any SignerFactory, userAgent: String, metrics: any MetricsFactory,
    capacity: Int, logger: Logger
  ) {
    self.transport = transport
    self.signers = signers
    self.userAgent = userAgent
    self.metrics = DecisionMetrics(factory: metrics)
    self.capacity = capacity
    self.logger = logger
  }

  /// Replaces the deciders for all questions to come; one that stays as it was goes on counting.
  func update(_ decisions: [Decision]) {
    let before = deciders.withLock { $0.all }
    metrics.update(commands: Set(decisions.flatMap(\.commands)))
    let after = decisions.map { decision in
      before.first { $0.decision == decision }
        ?? Decider(
          decision, transport: transport, signers: signers, userAgent: userAgent, metrics: metrics,
          capacity: capacity, logger: logger)
    }
    deciders.withLock { $0.all = after }
  }

  /// Nil if nobody is asked.
  func decider(before command: String, of app: AppID) -> Decider? {
    deciders.withLock { $0.all }.first { $0.decision.isAsked(before: command, of: app) }
  }
}
