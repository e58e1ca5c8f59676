import GatewayCore

/// What callbacks are made durable and answered with.
struct IntakeContext: Sendable {
  let journal: any BatchAppender
  /// How long a callback may wait for the journal, from the last byte of its body.
  let ackDeadline: Duration
  let limits: CallbackServerLimits
  let metrics: CallbackMetrics
  let log: RefusalLog
  let clock: WallClock
}
