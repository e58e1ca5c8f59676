/// One list of accounts for each account: a friend list or a blocklist.
struct DirectedLists: Sendable {
  private var lists: [AccountID: Set<AccountID>] = [:]
  /// Over all lists.
  private(set) var entryCount = 0

  func contains(_ account: AccountID, of owner: AccountID) -> Bool { lists[owner]?.contains(account) == true }

  func count(of owner: AccountID) -> Int { lists[owner]?.count ?? 0 }

  /// Does nothing if it is there.
  mutating func insert(_ account: AccountID, of owner: AccountID) {
    if lists[owner, default: []].insert(account).inserted { entryCount += 1 }
  }

  /// Whether it was there.
  mutating func remove(_ account: AccountID, of owner: AccountID) -> Bool {
    guard lists[owner]?.remove(account) != nil else { return false }
    entryCount -= 1
    if lists[owner]?.isEmpty == true { lists[owner] = nil }
    return true
  }
}
