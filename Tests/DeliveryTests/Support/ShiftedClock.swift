import GatewayCore
import Synchronization

/// The system's clock, moved by as much as a test likes.
final class ShiftedClock: Sendable {
  private let shift = Mutex(Duration.zero)

  var now: Timestamp { Timestamp.now() + shift.withLock { $0 } }

  func advance(by duration: Duration) { shift.withLock { $0 += duration } }
}
