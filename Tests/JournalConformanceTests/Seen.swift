import GatewayCore
import Synchronization

/// Collects the kinds that an observer is told.
final class Seen: Sendable {
  private let collected = Mutex(Set<EventKind>())

  var kinds: Set<EventKind> { collected.withLock { $0 } }

  func add(_ kinds: Set<EventKind>) { collected.withLock { $0.formUnion(kinds) } }
}
