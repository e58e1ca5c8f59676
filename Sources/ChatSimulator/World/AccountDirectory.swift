/// Which accounts there are, and how they take it that somebody asks for their friendship.
package struct AccountDirectory: Sendable {
  package enum Standing: Hashable, Sendable {
    case known
    /// It belongs to another app.
    case foreign
    case unknown
  }

  /// What an account does with requests for its friendship (`AllowType` of its profile).
  package enum Requests: String, Hashable, Sendable, CaseIterable {
    case accept
    /// Its user is asked, and the request is pending until then.
    case confirm
    case refuse
  }

  /// Whether there is an account that nothing has been said of.
  package var unlistedExist: Bool
  private var known: Set<AccountID> = []
  private var foreign: Set<AccountID> = []
  private var requests: [AccountID: Requests] = [:]
  private var failures: [AccountID: Int] = [:]

  package init(unlistedExist: Bool = true) { self.unlistedExist = unlistedExist }

  package func standing(of account: AccountID) -> Standing {
    if foreign.contains(account) { return .foreign }
    return unlistedExist || known.contains(account) ? .known : .unknown
  }

  package func requests(to account: AccountID) -> Requests { requests[account] ?? .accept }

  /// The code that every row about this account fails with; nil if it is judged by the rules.
  package func failure(of account: AccountID) -> Int? { failures[account] }

  package mutating func add(_ account: AccountID) { known.insert(account) }

  package mutating func addForeign(_ account: AccountID) { foreign.insert(account) }

  package mutating func set(_ requests: Requests, of account: AccountID) { self.requests[account] = requests }

  package mutating func set(failure code: Int, of account: AccountID) { failures[account] = code }
}
