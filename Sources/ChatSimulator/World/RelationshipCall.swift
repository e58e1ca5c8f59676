/// A call whose request has been understood: what to change between one account and others.
package enum RelationshipCall: Hashable, Sendable {
  case blackListAdd(from: AccountID, to: [AccountID])
  case blackListDelete(from: AccountID, to: [AccountID])
  case friendAdd(FriendAddition)
  case friendDelete(from: AccountID, to: [AccountID], DeleteType)

  package var from: AccountID {
    switch self {
    case .blackListAdd(let from, _), .blackListDelete(let from, _), .friendDelete(let from, _, _): from
    case .friendAdd(let addition): addition.from
    }
  }
}

/// How many friend lists a deletion touches.
package enum DeleteType: String, Hashable, Sendable, CaseIterable {
  case single = "Delete_Type_Single"
  case both = "Delete_Type_Both"
}
