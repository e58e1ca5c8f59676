import GatewayCore
import TencentChat

/// What callbacks are made durable and answered with.
struct IntakeContext: Sendable {
  let journal: any Journal
  /// How long a callback may wait for the journal, from the last byte of its body.
  let ackDeadline: Duration
  let limits: CallbackServerLimits
  let metrics: CallbackMetrics
  let clock: WallClock
}

/// A callback that has passed every check but the last.
struct UnstoredCallback: Sendable {
  let read: ReadCallback
  let batch: NewBatch
  let metrics: AppMetrics
  /// When the last byte of its body came: its deadlines count from there.
  let arrivedAt: ContinuousClock.Instant
}

/// What became of a callback whose body was read.
enum CallbackOutcome: Sendable {
  /// It is on disk, or was before, or holds nothing to put there.
  case taken(reply: [UInt8])
  /// - detail: More for the operator than the sender is told.
  case refused(Refusal, detail: String? = nil)
}
