import TencentChat

extension RelationshipGraph {
  mutating func friendAdd(_ addition: FriendAddition) -> CallOutcome {
    var outcome = CallOutcome()
    for item in addition.items {
      let failure = commonFailure(of: item.account, from: addition.from) ?? failure(of: item, in: addition)
      outcome.rows.append(RowResult(item.account, failure))
      if failure == nil { outcome.pairs += befriend(item.account, addition) }
    }
    return outcome
  }

  mutating func friendDelete(_ from: AccountID, _ accounts: [AccountID], _ type: DeleteType) -> CallOutcome {
    var outcome = CallOutcome()
    for account in accounts {
      var failure = commonFailure(of: account, from: from)
      if failure == nil {
        let removed = removeFriendship(from, account, bothWays: type == .both)
        outcome.pairs += removed
        if removed.isEmpty { failure = .notFriends }
      }
      outcome.rows.append(RowResult(account, failure))
    }
    return outcome
  }

  /// The directions that there were, each a pair.
  mutating func removeFriendship(_ from: AccountID, _ account: AccountID, bothWays: Bool) -> [CallbackPair] {
    var removed: [CallbackPair] = []
    if friends.remove(account, of: from) { removed.append(CallbackPair(from: from.name, to: account.name)) }
    if bothWays, friends.remove(from, of: account) {
      removed.append(CallbackPair(from: account.name, to: from.name))
    }
    return removed
  }

  private func failure(of item: FriendAddition.Item, in addition: FriendAddition) -> RowFailure? {
    let (from, account, isMutual) = (addition.from, item.account, addition.type == .both)
    guard item.hasGoodSource else { return .badSource }
    if blocked.contains(account, of: from) { return .blockedPeer }
    if blocked.contains(from, of: account) { return .blockedByPeer }
    let (isThere, isMirrored) = (friends.contains(account, of: from), friends.contains(from, of: account))
    if isThere, isMirrored || !isMutual { return .alreadyThere }
    if !isThere, friends.count(of: from) >= Self.maxFriends { return .ownFriendListFull }
    // Whoever only puts somebody on a list of their own asks for nothing, and an administrator need not ask.
    guard isMutual else { return nil }
    if !isMirrored, friends.count(of: account) >= Self.maxFriends { return .peerFriendListFull }
    guard !addition.isForced else { return nil }
    return switch accounts.requests(to: account) {
    case .accept: nil
    case .confirm: .needsConfirmation
    case .refuse: .refusedByPeer
    }
  }

  /// The directions that are new, each a pair: the one asked for first.
  private mutating func befriend(_ account: AccountID, _ addition: FriendAddition) -> [CallbackPair] {
    let from = addition.from
    var pairs: [CallbackPair] = []
    if !friends.contains(account, of: from) {
      friends.insert(account, of: from)
      pairs.append(CallbackPair(from: from.name, to: account.name, initiator: from.name))
    }
    if addition.type == .both, !friends.contains(from, of: account) {
      friends.insert(from, of: account)
      pairs.append(CallbackPair(from: account.name, to: from.name, initiator: from.name))
    }
    return pairs
  }
}
