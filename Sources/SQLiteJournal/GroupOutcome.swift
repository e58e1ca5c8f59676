import GatewayCore

/// What becomes of each part of a group while its transaction is tried: a value, tested without a database.
///
/// A transaction is all or nothing, so one part that cannot be written takes the others with it; they are tried again
/// without it. That ends, because each failure decides at least one part.
struct GroupOutcome {
  enum Part: Hashable {
    case append(Int)
    case settlement(Int)
  }

  private(set) var appends: [Result<AppendOutcome, JournalError>?]
  private(set) var settlements: [Result<Void, JournalError>?]

  init(appends: Int, settlements: Int) {
    self.appends = Array(repeating: nil, count: appends)
    self.settlements = Array(repeating: nil, count: settlements)
  }

  var undecidedAppends: [Int] { appends.indices.filter { appends[$0] == nil } }
  var undecidedSettlements: [Int] { settlements.indices.filter { settlements[$0] == nil } }
  var isDecided: Bool { !appends.contains { $0 == nil } && !settlements.contains { $0 == nil } }

  /// The transaction is on disk. `outcomes` belong to the undecided appends, in order.
  mutating func committed(_ outcomes: [AppendOutcome]) {
    for (index, outcome) in zip(undecidedAppends, outcomes) { appends[index] = .success(outcome) }
    for index in undecidedSettlements { settlements[index] = .success(()) }
  }

  /// The transaction was rolled back, at `part` if it was a part's own statement that failed.
  mutating func failed(_ failure: StorageFailure, at part: Part?) {
    switch (failure, part) {
    case (.refused, .append(let index)?): appends[index] = .failure(failure.journalError)
    case (.refused, .settlement(let index)?): settlements[index] = .failure(failure.journalError)
    case (.full, _) where !undecidedAppends.isEmpty:
      // On a full disk deliveries go on: a settlement needs next to no room, and may find it without the appends.
      for index in undecidedAppends { appends[index] = .failure(.full) }
    default:
      for index in undecidedAppends { appends[index] = .failure(failure.journalError) }
      for index in undecidedSettlements { settlements[index] = .failure(failure.journalError) }
    }
  }
}
