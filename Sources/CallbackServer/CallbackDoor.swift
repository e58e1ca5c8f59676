import GatewayCore
import NIOCore
import Synchronization

/// What all connections of one server share.
final class CallbackDoor: Sendable {
  let limits: CallbackServerLimits
  let checks: HeadChecks
  let intake: CallbackIntake
  /// For bodies and waiting appends.
  let memory: IngestMemory
  let headMemory: IngestMemory
  let metrics: CallbackMetrics
  let log: RefusalLog
  let connections: ConnectionRegistry
  private let clock: WallClock
  private let date = ResponseDate()
  private let closing = Atomic<Bool>(false)

  init(
    limits: CallbackServerLimits, checks: HeadChecks, intake: CallbackIntake, memory: IngestMemory,
    metrics: CallbackMetrics, log: RefusalLog, clock: @escaping WallClock
  ) {
    self.limits = limits
    self.checks = checks
    self.intake = intake
    self.memory = memory
    headMemory = IngestMemory(capacity: limits.unfinishedHeadsSize)
    self.metrics = metrics
    self.log = log
    self.clock = clock
    connections = ConnectionRegistry(capacity: limits.connections)
  }

  /// Whether each answer is its connection's last.
  var isClosing: Bool { closing.load(ordering: .relaxed) }

  func closeSoon() { closing.store(true, ordering: .relaxed) }

  /// The `Date` of an answer that leaves now.
  func responseDate() -> String { date.text(at: clock()) }

  /// Counts and logs a refusal.
  func note(
    _ refusal: Refusal, app: AppEntry?, peer: String, detail: String? = nil, on eventLoop: any EventLoop
  ) {
    metrics.countRefused(refusal.reason, app: app?.metrics)
    log.refused(refusal, app: app?.configuration.id, peer: peer, detail: detail, on: eventLoop)
  }
}
