/// Every callback command that becomes more than a `callback` event, a row each: to know a command, add its row.
///
/// A row may be added at any time, and batches accepted before stay as they were. A row's type, once released, is a
/// promise to subscribers.
package enum EventCatalogue {
  package static let entries: [CatalogueEntry] = [
    .after("Sns.CallbackFriendAdd", "friend.added", batch: "PairList", fields: pair, key: [.from, .to]),
    .after("Sns.CallbackFriendDelete", "friend.deleted", batch: "PairList", fields: pair, key: [.from, .to]),
    .after("Sns.CallbackBlackListAdd", "blocklist.added", batch: "PairList", fields: pair, key: [.from, .to]),
    .after("Sns.CallbackBlackListDelete", "blocklist.deleted", batch: "PairList", fields: pair, key: [.from, .to]),
    .before(
      "Sns.CallbackPrevFriendAdd", "friend.add_requested", fields: [.from: .callback("From_Account")],
      reply: .okForEachAccount(in: "FriendItem")),
    .before(
      "Sns.CallbackPrevFriendResponse", "friend.response_requested", fields: [.from: .callback("From_Account")],
      reply: .okForEachAccount(in: "ResponseFriendItem")),
  ]

  /// A row of a relationship: what happened to the one account's list, and which account it is about.
  private static let pair: [EventField: FieldSource] = [.from: .item("From_Account"), .to: .item("To_Account")]
}
