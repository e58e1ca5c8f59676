/// When a failed delivery is tried again, and when it is given up.
package struct RetryPolicy: Hashable, Sendable {
  /// The wait after the first, second, … failure; the last one repeats. Never empty.
  package var delays: [Duration]
  /// Each wait is multiplied by a random factor between 1 − jitter and 1 + jitter.
  package var jitter: Double
  /// Counted from the first attempt, by the lane's held clock.
  package var giveUpAfter: Duration
  /// The longest that `Retry-After` is obeyed.
  package var retryAfterMax: Duration
  /// Statuses that make a dead letter at once.
  package var permanentStatuses: Set<Int>

  package init(
    delays: [Duration] = RetryPolicy.defaultDelays, jitter: Double = 0.2, giveUpAfter: Duration = .seconds(72 * 3600),
    retryAfterMax: Duration = .seconds(3600), permanentStatuses: Set<Int> = [400, 413, 415, 422]
  ) {
    precondition(!delays.isEmpty, "a retry policy has at least one delay")
    self.delays = delays
    self.jitter = jitter
    self.giveUpAfter = giveUpAfter
    self.retryAfterMax = retryAfterMax
    self.permanentStatuses = permanentStatuses
  }

  package static let defaultDelays: [Duration] =
    [.seconds(1), .seconds(5), .seconds(30)]
    + [2, 10, 30, 60, 120, 240, 480].map { .seconds($0 * 60) }

  /// The default of `giveUpAfter` where the subscriber is sent events of one key one after the other.
  package static let orderedGiveUpAfter = Duration.seconds(15 * 60)

  /// How long to wait after the failure of an attempt, counted from 1.
  ///
  /// - Parameter fraction: A random number from 0 to 1.
  package func delay(afterAttempt attempt: Int, fraction: Double) -> Duration {
    let base = delays[min(max(attempt, 1), delays.count) - 1]
    return base * (1 - jitter + 2 * jitter * fraction)
  }
}
