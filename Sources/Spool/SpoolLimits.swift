/// Bounds of the spool's work.
package struct SpoolLimits: Sendable {
  /// Of an append's time, this share is left for the spool, but no more than `longestReserve`.
  package var reserveShare = 3
  package var longestReserve = Duration.milliseconds(500)
  /// Callbacks on their way from the spool into the journal at once.
  package var window = 256
  package var windowBytes = 8 << 20
  /// How long one of them may take.
  package var drainDeadline = Duration.seconds(2)
  /// Between two tries while the journal takes nothing: doubled from one to the other.
  package var shortestPause = Duration.milliseconds(100)
  package var longestPause = Duration.seconds(2)
  /// With no more than this many left in the spool, new callbacks wait for the rest to be drained, so that they may
  /// follow it straight into the journal.
  package var handOverBelow = 64
  /// So many of them, and so long.
  package var heldAtMost = 4096
  package var handOverTime: Duration
  /// How long what was drained stays in the spool, so that its repeats are known.
  package var keptFor = Duration.seconds(60)
  /// How often that is looked at.
  package var trimInterval = Duration.seconds(10)
  package var trimmedAtOnce = 1024
  /// So often in a row may one callback fail, while the journal takes others, before it is set aside.
  package var failuresOfOne = 20

  /// - Parameter ackDeadline: How long a callback may wait for being durable.
  package init(ackDeadline: Duration) { handOverTime = min(.milliseconds(250), ackDeadline / 4) }

  /// When the journal must have answered, for what must be durable by `deadline`.
  func earlier(than deadline: ContinuousClock.Instant, now: ContinuousClock.Instant) -> ContinuousClock.Instant {
    deadline - max(.zero, min((deadline - now) / reserveShare, longestReserve))
  }
}
