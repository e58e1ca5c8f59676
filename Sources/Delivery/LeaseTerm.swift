import Synchronization

/// A stretch of time in which this gateway's lease runs without a break: looked at right before each attempt.
///
/// It is counted on the clock that goes on while the machine sleeps or the process stands still. Once over it stays over:
/// what was owned in it is to be claimed anew.
final class LeaseTerm: Sendable {
  private let start = ContinuousClock.now
  /// Nanoseconds after the start.
  private let length: Atomic<Int64>

  init(until end: ContinuousClock.Instant) { length = Atomic(Self.nanoseconds(start.duration(to: end))) }

  var runs: Bool { Self.nanoseconds(start.duration(to: .now)) < length.load(ordering: .relaxed) }

  /// False if it is over.
  func extend(until end: ContinuousClock.Instant) -> Bool {
    guard runs else { return false }
    _ = length.max(Self.nanoseconds(start.duration(to: end)), ordering: .relaxed)
    return true
  }

  private static func nanoseconds(_ duration: Duration) -> Int64 {
    let (seconds, attoseconds) = duration.components
    return seconds * 1_000_000_000 + attoseconds / 1_000_000_000
  }
}
