import GatewayCore
import Synchronization

/// Several appends that are handed over in order, and waited for together.
final class AppendWindow: Sendable {
  typealias Outcome = Result<AppendOutcome, JournalError>

  private struct State {
    var outcomes: [Outcome?]
    var missing: Int
    var waiter: CheckedContinuation<[Outcome], Never>?
  }

  private let state: Mutex<State>

  private init(_ count: Int) { state = Mutex(State(outcomes: Array(repeating: nil, count: count), missing: count)) }

  /// What became of each, when all are decided.
  static func append(
    _ batches: [NewBatch], to journal: any BatchAppender, deadline: ContinuousClock.Instant
  ) async -> [Outcome] {
    guard !batches.isEmpty else { return [] }
    let window = AppendWindow(batches.count)
    return await withCheckedContinuation { waiter in
      window.state.withLock { $0.waiter = waiter }
      for (place, batch) in batches.enumerated() {
        journal.append(batch, deadline: deadline) { window.decide(place, $0) }
      }
    }
  }

  private func decide(_ place: Int, _ outcome: Outcome) {
    let (waiter, outcomes) = state.withLock { state -> (CheckedContinuation<[Outcome], Never>?, [Outcome]) in
      guard state.outcomes[place] == nil else { return (nil, []) }
      state.outcomes[place] = outcome
      state.missing -= 1
      guard state.missing == 0 else { return (nil, []) }
      defer { state.waiter = nil }
      return (state.waiter, state.outcomes.compactMap(\.self))
    }
    waiter?.resume(returning: outcomes)
  }
}
