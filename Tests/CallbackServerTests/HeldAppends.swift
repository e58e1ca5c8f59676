import GatewayCore
import Synchronization

/// Holds a journal's appends until the test lets them go.
final class HeldAppends: Sendable {
  private struct State {
    var waiting: [CheckedContinuation<Void, Never>] = []
    var isReleased = false
  }

  private let state = Mutex(State())

  /// For `FakeJournal(answer:)`.
  func hold(_ batch: NewBatch, _ deadline: ContinuousClock.Instant) async -> Result<AppendOutcome, JournalError> {
    await withCheckedContinuation { continuation in
      let isReleased = state.withLock { state in
        if !state.isReleased { state.waiting.append(continuation) }
        return state.isReleased
      }
      if isReleased { continuation.resume() }
    }
    return .success(.appended(.first))
  }

  var count: Int { state.withLock { $0.waiting.count } }

  /// Lets all go that wait, and all that come.
  func release() {
    let waiting = state.withLock { state in
      state.isReleased = true
      defer { state.waiting = [] }
      return state.waiting
    }
    for continuation in waiting { continuation.resume() }
  }
}
