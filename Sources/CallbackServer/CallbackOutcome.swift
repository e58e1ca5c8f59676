/// What became of a callback whose body was read.
enum CallbackOutcome: Sendable {
  /// It is on disk, or was before, or holds nothing to put there.
  ///
  /// - decidedAt: When its decider had answered, or failed: the gateway's own time begins there.
  case taken(reply: [UInt8], decidedAt: ContinuousClock.Instant? = nil)
  /// - detail: More for the operator than the sender is told.
  case refused(Refusal, detail: String? = nil)
}
