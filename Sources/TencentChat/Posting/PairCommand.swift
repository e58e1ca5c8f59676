/// The commands of relationships, whose callbacks carry pairs of accounts.
package enum PairCommand: String, CaseIterable, Hashable, Sendable {
  case friendAdd = "Sns.CallbackFriendAdd"
  case friendDelete = "Sns.CallbackFriendDelete"
  case blackListAdd = "Sns.CallbackBlackListAdd"
  case blackListDelete = "Sns.CallbackBlackListDelete"
}
