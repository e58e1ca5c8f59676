import TencentChat

/// The relationships of one app's accounts, changed by the rules that the REST documents give.
///
/// It is a value without clock or sockets: each call says what became of its rows, and what callbacks are to tell. Rows
/// are judged one after another, so the second mention of an account in one call sees what the first has done.
package struct RelationshipGraph: Sendable {
  /// Tencent's limits for one account.
  package static let maxBlocked = 1000
  package static let maxFriends = 3000

  package var accounts: AccountDirectory
  var friends = DirectedLists()
  var blocked = DirectedLists()
  var faults: RowFaults

  package init(accounts: AccountDirectory = AccountDirectory(), faults: RowFaults = RowFaults()) {
    self.accounts = accounts
    self.faults = faults
  }

  /// Entries of all lists, which is what the graph's memory goes by.
  package var entryCount: Int { friends.entryCount + blocked.entryCount }

  package func isFriend(_ account: AccountID, of owner: AccountID) -> Bool { friends.contains(account, of: owner) }

  package func isBlocked(_ account: AccountID, by owner: AccountID) -> Bool { blocked.contains(account, of: owner) }

  /// Puts a friend on a list without asking any rule; the other direction is another entry.
  package mutating func seedFriend(_ account: AccountID, of owner: AccountID) { friends.insert(account, of: owner) }

  package mutating func seedBlocked(_ account: AccountID, of owner: AccountID) { blocked.insert(account, of: owner) }

  package mutating func perform(_ call: RelationshipCall) -> CallOutcome {
    switch call {
    case .blackListAdd(let from, let accounts): blackListAdd(from, accounts)
    case .blackListDelete(let from, let accounts): blackListDelete(from, accounts)
    case .friendAdd(let addition): friendAdd(addition)
    case .friendDelete(let from, let accounts, let type): friendDelete(from, accounts, type)
    }
  }

  /// What is wrong with a row whatever the call is: first what was ordered to be.
  mutating func commonFailure(of account: AccountID, from: AccountID) -> RowFailure? {
    // One draw a row, whatever comes of it: the nth row is the nth row.
    let fault = faults.next()
    if let code = accounts.failure(of: account) { return RowFailure(code: code) }
    if let fault { return fault }
    guard account.isWellFormed else { return .badAccount }
    switch accounts.standing(of: account) {
    case .foreign: return .foreignAccount
    case .unknown: return .unknownAccount
    case .known: return account == from ? .oneself : nil
    }
  }
}
