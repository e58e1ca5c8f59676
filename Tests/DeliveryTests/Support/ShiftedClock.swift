import GatewayCore
import Synchronization

/// The system's clock, moved by as much as a test likes, or stopped.
final class ShiftedClock: Sendable {
  private let shift = Mutex(Duration.zero)
  private let stopped = Mutex<Timestamp?>(nil)

  var now: Timestamp { (stopped.withLock { $0 } ?? Timestamp.now()) + shift.withLock { $0 } }

  /// It stands still but for what a test moves it by.
  func stop() { stopped.withLock { $0 = .now() } }

  func advance(by duration: Duration) { shift.withLock { $0 += duration } }
}
