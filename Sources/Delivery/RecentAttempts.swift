import DequeModule
import GatewayCore
import Synchronization

/// The last attempts of one lane, in memory: those that went well at once are kept nowhere else.
final class RecentAttempts: Sendable {
  private static let capacity = 128

  private let attempts = Mutex<Deque<AttemptRecord>>([])

  func append(_ attempt: AttemptRecord) {
    attempts.withLock { attempts in
      if attempts.count == Self.capacity { attempts.removeFirst() }
      attempts.append(attempt)
    }
  }

  /// Those that carried an event, oldest first.
  func attempts(at event: SequenceNumber) -> [AttemptRecord] {
    attempts.withLock { attempts in attempts.filter { $0.carried(event) } }
  }
}
