import TencentChat

extension RelationshipGraph {
  /// A block ends a friendship in both directions.
  mutating func blackListAdd(_ from: AccountID, _ accounts: [AccountID]) -> CallOutcome {
    var outcome = CallOutcome()
    for account in accounts {
      let failure = commonFailure(of: account, from: from) ?? blockFailure(of: account, from: from)
      outcome.rows.append(RowResult(account, failure))
      guard failure == nil else { continue }
      blocked.insert(account, of: from)
      outcome.pairs.append(CallbackPair(from: from.name, to: account.name))
      outcome.dissolved += removeFriendship(from, account, bothWays: true)
    }
    return outcome
  }

  /// A friendship that the block has ended does not come back.
  mutating func blackListDelete(_ from: AccountID, _ accounts: [AccountID]) -> CallOutcome {
    var outcome = CallOutcome()
    for account in accounts {
      var failure = commonFailure(of: account, from: from)
      if failure == nil, !blocked.remove(account, of: from) { failure = .notThere }
      outcome.rows.append(RowResult(account, failure))
      if failure == nil { outcome.pairs.append(CallbackPair(from: from.name, to: account.name)) }
    }
    return outcome
  }

  private func blockFailure(of account: AccountID, from: AccountID) -> RowFailure? {
    if blocked.contains(account, of: from) { return .alreadyThere }
    return blocked.count(of: from) < Self.maxBlocked ? nil : .blockListFull
  }
}
