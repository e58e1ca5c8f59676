import DequeModule
import GatewayCore
import Synchronization

/// Batches that have been read lately, so that each is read once for all the subscribers it goes to.
///
/// Bounded in bytes; the one read longest ago goes first.
final class BatchCache: Sendable {
  private struct State {
    var batches: [SequenceNumber: any DerivedBatch] = [:]
    /// Oldest first.
    var order: Deque<SequenceNumber> = []
    var size = 0
  }

  private let deriver: any EventDeriver
  private let capacity: Int
  private let state = Mutex(State())

  /// - Parameter capacity: Bytes of batches kept.
  init(deriver: any EventDeriver, capacity: ByteSize = .mebibytes(32)) {
    self.deriver = deriver
    self.capacity = capacity.bytes
  }

  func derive(_ stored: StoredBatch) throws(DerivationError) -> any DerivedBatch {
    if let known = state.withLock({ $0.batches[stored.first] }) { return known }
    let derived = try deriver.derive(stored)
    state.withLock { state in
      guard state.batches.updateValue(derived, forKey: derived.first) == nil else { return }
      state.order.append(derived.first)
      state.size += derived.size
      while state.size > capacity, state.order.count > 1, let oldest = state.order.popFirst() {
        state.size -= state.batches.removeValue(forKey: oldest)?.size ?? 0
      }
    }
    return derived
  }
}
