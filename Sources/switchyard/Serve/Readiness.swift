import GatewayCore
import Synchronization

/// Where the gateway is in its life, as `/readyz` tells it.
final class Readiness: Sendable {
  enum Phase: Sendable { case starting, serving, stopping }

  private let phase = Mutex(Phase.starting)

  func enter(_ next: Phase) { phase.withLock { $0 = next } }

  /// Why callbacks should go elsewhere now; nil when they are taken.
  func reason(journal: any BatchAppender) async -> String? {
    switch phase.withLock({ $0 }) {
    case .starting: return "starting"
    case .stopping: return "stopping"
    case .serving: break
    }
    do throws(JournalError) {
      try await journal.checkWritable()
      return nil
    } catch {
      return "the journal cannot be written: \(error)"
    }
  }
}
