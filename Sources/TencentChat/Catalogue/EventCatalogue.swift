/// Every callback command that becomes more than a `callback` event, a row each: to know a command, add its row, and a
/// `CallbackTemplate` so that it can be tried.
///
/// A row may be added at any time, and batches accepted before stay as they were. A row's type, once released, is a
/// promise to subscribers.
package enum EventCatalogue {
  package static let entries: [CatalogueEntry] =
    relationships + users + messages + groups + topics + bots + others + calls + officialAccounts

  private static let entriesByCommand = Dictionary(uniqueKeysWithValues: entries.map { ($0.command, $0) })

  /// The row of a command; nil if it has none.
  package static func entry(for command: String) -> CatalogueEntry? { entriesByCommand[command] }

  /// The commands that Tencent waits for: what somebody can be asked before.
  package static let questions: [String] = entries.filter { $0.timing == .before }.map(\.command)

  /// The batch field whose items name their command, which may stand nowhere else.
  package static let itemsNamingCommand: JSONKey = "Events"

  /// In what Tencent documents the times of events. What counts is the size of the number: pages and packets disagree.
  package enum TimeUnit: String, Hashable, Sendable {
    case milliseconds = "ms"
    case seconds = "s"
  }

  /// For each place that a row takes a time from.
  package static let timeUnits: [FieldSource: TimeUnit] = [
    .callback("EventTime"): .milliseconds, .callback("MsgTime"): .seconds, .callback("LastReadTime"): .seconds,
    .item("EventTime"): .seconds,
  ]

  /// A row of a relationship: what happened to the one account's list, and which account it is about.
  private static let pair: [EventField: FieldSources] = [.from: .item("From_Account"), .to: .item("To_Account")]
  private static let sender: FieldSources = .callback("From_Account")
  private static let receiver: FieldSources = .callback("To_Account")
  private static let group: FieldSources = .callback("GroupId")
  private static let messageTime: FieldSources = .callback("EventTime", "MsgTime")
  private static let message: [EventField: FieldSources] = [.from: sender, .to: receiver, .time: messageTime]
  private static let groupMessage: [EventField: FieldSources] = [.from: sender, .group: group, .time: messageTime]
}

extension EventCatalogue {
  private static let relationships: [CatalogueEntry] = [
    .after("Sns.CallbackFriendAdd", "friend.added", batch: "PairList", fields: pair, key: [.from, .to]),
    .after("Sns.CallbackFriendDelete", "friend.deleted", batch: "PairList", fields: pair, key: [.from, .to]),
    .after("Sns.CallbackBlackListAdd", "blocklist.added", batch: "PairList", fields: pair, key: [.from, .to]),
    .after("Sns.CallbackBlackListDelete", "blocklist.deleted", batch: "PairList", fields: pair, key: [.from, .to]),
    .before(
      "Sns.CallbackPrevFriendAdd", "friend.add_requested", fields: [.from: sender],
      reply: .resultForEachAccount(in: "FriendItem")),
    .before(
      "Sns.CallbackPrevFriendResponse", "friend.response_requested", fields: [.from: sender],
      reply: .resultForEachAccount(in: "ResponseFriendItem")),
    .after(
      "Follow.CallbackAfterFollowAdd", "follow.added", batch: "FollowList",
      fields: [.from: sender, .to: .item("To_Account")], key: [.from, .to]),
    .after(
      "Follow.CallbackAfterFollowDelete", "follow.deleted", batch: "To_Account", items: [.string],
      fields: [.from: sender, .to: .wholeItem], key: [.from, .to]),
  ]

  private static let users: [CatalogueEntry] = [
    .after(
      "Profile.CallbackPortraitSet", "user.profile.changed", fields: [.from: sender, .account: sender],
      key: [.account]),
    .after(
      "State.StateChange", "user.state.changed", fields: [.account: .nested("Info", "To_Account")], key: [.account]),
  ]

  private static let messages: [CatalogueEntry] = [
    .before(
      "C2C.CallbackBeforeSendMsg", "message.send_requested", fields: message, key: [.from, .to]),
    .after("C2C.CallbackAfterSendMsg", "message.sent", fields: message, key: [.from, .to]),
    .after(
      "C2C.CallbackAfterMsgReport", "message.read",
      fields: [
        .from: .callback("Report_Account"), .to: .callback("Peer_Account"),
        .time: .callback("EventTime", "LastReadTime"),
      ], key: [.from, .to]),
    .after(
      "C2C.CallbackAfterMsgWithDraw", "message.recalled", fields: [.from: sender, .to: receiver], key: [.from, .to]),
    .after(
      "C2C.CallbackAfterModifyMsg", "message.modified", fields: [.from: sender, .to: receiver], key: [.from, .to]),
    .after(
      "C2C.CallbackAfterC2CMsgExtension", "message.extension.changed", fields: [.from: sender, .to: receiver],
      key: [.from, .to]),
  ]

  private static let groups: [CatalogueEntry] = [
    .before("Group.CallbackBeforeCreateGroup", "group.create_requested"),
    .after("Group.CallbackAfterCreateGroup", "group.created", fields: [.group: group], key: [.group]),
    .before(
      "Group.CallbackBeforeApplyJoinGroup", "group.join_requested",
      fields: [.group: group, .account: .callback("Requestor_Account")], key: [.group]),
    .before(
      "Group.CallbackBeforeInviteJoinGroup", "group.invite_requested", fields: [.group: group], key: [.group]),
    .after(
      "Group.CallbackAfterNewMemberJoin", "group.member.joined", batch: "NewMemberList",
      fields: [.group: group, .account: .item("Member_Account")], key: [.group]),
    .after(
      "Group.CallbackAfterMemberExit", "group.member.left", batch: "ExitMemberList",
      fields: [.group: group, .account: .item("Member_Account")], key: [.group]),
    .after(
      "Group.CallbackOnMemberStateChange", "group.member.state.changed", batch: "MemberList",
      fields: [.group: group, .account: .item("Member_Account")], key: [.group]),
    .after(
      "Group.CallbackAfterMemberFieldChanged", "group.member.profile.changed",
      fields: [.group: group, .account: .callback("Member_Account", "Modified_Account")], key: [.group]),
    .before(
      "Group.CallbackBeforeSendMsg", "group.message.send_requested", fields: groupMessage, key: [.group]),
    .after("Group.CallbackAfterSendMsg", "group.message.sent", fields: groupMessage, key: [.group]),
    .after("Group.CallbackSendMsgException", "group.message.failed", fields: groupMessage, key: [.group]),
    .after(
      "Group.CallbackAfterRecallMsg", "group.message.recalled", batch: "MsgSeqList", fields: [.group: group],
      key: [.group]),
    .after(
      "Group.CallbackAfterReadReceipt", "group.message.read", batch: "GroupMsgReceiptList", fields: [.group: group],
      key: [.group]),
    .after(
      "Group.CallbackAfterGroupMsgExtension", "group.message.extension.changed", fields: [.group: group],
      key: [.group]),
    .after("Group.CallbackAfterGroupFull", "group.full", fields: [.group: group], key: [.group]),
    .after("Group.CallbackAfterGroupDestroyed", "group.destroyed", fields: [.group: group], key: [.group]),
    .after(
      "Group.CallbackAfterGroupInfoChanged", "group.profile.changed", fields: [.group: group], key: [.group]),
    .after(
      "Group.CallbackAfterGroupAttrChanged", "group.attributes.changed", fields: [.group: group], key: [.group]),
    .after(
      "Group.CallbackAfterChangeGroupOwner", "group.owner.changed",
      fields: [.group: group, .account: .callback("NewOwner_Account")], key: [.group]),
    .after("Group.CallbackOnDailyGroupQuotaAlarm", "group.quota.alarm"),
  ]

  /// Topics are ordered with the group that they are in.
  private static let topics: [CatalogueEntry] = [
    .before("Group.CallbackBeforeCreateTopic", "group.topic.create_requested", fields: [.group: group], key: [.group]),
    .after("Group.CallbackAfterCreateTopic", "group.topic.created", fields: [.group: group], key: [.group]),
    .after(
      "Group.CallbackAfterTopicDestroyed", "group.topic.destroyed", batch: "TopicIdList", items: [.string],
      fields: [.group: group], key: [.group]),
    .after(
      "Group.CallbackAfterTopicInfoChanged", "group.topic.profile.changed", fields: [.group: group], key: [.group]),
  ]

  private static let bots: [CatalogueEntry] = [
    .after("Bot.OnC2CMessage", "bot.message.received", fields: message, key: [.from, .to]),
    .after("Bot.OnGroupMessage", "bot.group_message.received", fields: groupMessage, key: [.group]),
    .after(
      "Chatbot.OnC2CSignalMessage", "chatbot.signal.received",
      fields: [
        .from: .callback("From_Account", "From"), .to: .callback("To_Account", "To"), .time: messageTime,
      ], key: [.from, .to]),
  ]

  private static let others: [CatalogueEntry] = [
    .after("Alert.RequestOverLimit", "alert.request_over_limit"),
    .after(
      "Push.OfflinePush", "push.reported", batch: itemsNamingCommand,
      fields: [.account: .item("To_Account"), .time: .item("EventTime")], key: [.account]),
    .after(
      "Push.AllMemberPush", "push.all_members.reported", batch: itemsNamingCommand,
      fields: [.account: .item("To_Account"), .time: .item("EventTime")], key: [.account]),
    .after("ContentCallback.ResultNotify", "content.reviewed", fields: [.from: sender], key: [.from]),
  ]

  /// The page of `Call.CallbackAfterStartCall` has it in an object, those of the other two on the top level.
  private static let call: FieldSources = [.callback("CallId"), .nested("CallInfo", "CallId")]

  private static let calls: [CatalogueEntry] = [
    .after(
      "Call.CallbackAfterStartCall", "call.started", batch: "ChangedUserList",
      fields: [.account: .item("User_Account"), .subject: call], key: [.subject]),
    .after(
      "Call.CallbackAfterMemberChanged", "call.member.changed", batch: "ChangedUserList",
      fields: [.account: .item("User_Account"), .subject: call], key: [.subject]),
    .after(
      "Call.CallbackAfterEndCall", "call.ended", batch: "ChangedUserList",
      fields: [.account: .item("User_Account"), .subject: call], key: [.subject]),
  ]

  private static let officialAccount: FieldSources = .callback("Official_Account")
  private static let subscription: [EventField: FieldSources] = [
    .account: .item("Subscriber_Account"), .subject: officialAccount,
  ]

  private static let officialAccounts: [CatalogueEntry] = [
    .before("OfficialAccount.CallbackBeforeCreateOfficialAccount", "official_account.create_requested"),
    .after(
      "OfficialAccount.CallbackAfterCreateOfficialAccount", "official_account.created",
      fields: [.subject: officialAccount], key: [.subject]),
    .after(
      "OfficialAccount.CallbackAfterOfficialAccountInfoChanged", "official_account.profile.changed",
      fields: [.subject: officialAccount], key: [.subject]),
    .after(
      "OfficialAccount.CallbackAfterOfficialAccountDestroyed", "official_account.destroyed",
      fields: [.subject: officialAccount], key: [.subject]),
    .after(
      "OfficialAccount.CallbackAfterOfficialAccountFull", "official_account.full",
      fields: [.subject: officialAccount], key: [.subject]),
    .before(
      "OfficialAccount.CallbackBeforeAddSubscriber", "official_account.subscribe_requested",
      fields: [.subject: officialAccount], key: [.subject]),
    .after(
      "OfficialAccount.CallbackAfterAddSubscriber", "official_account.subscriber.added",
      batch: "SubscribeAccountList", fields: subscription, key: [.subject]),
    .after(
      "OfficialAccount.CallbackAfterDeleteSubscriber", "official_account.subscriber.deleted",
      batch: "SubscribeAccountList", fields: subscription, key: [.subject]),
    .before(
      "OfficialAccount.CallbackBeforeSendMsg", "official_account.message.send_requested",
      fields: [.from: officialAccount, .time: messageTime], key: [.from]),
    .after(
      "OfficialAccount.CallbackAfterSendMsg", "official_account.message.sent",
      fields: [.from: officialAccount, .time: messageTime], key: [.from]),
    .after(
      "OfficialAccount.CallbackAfterMsgWithDraw", "official_account.message.recalled", batch: "WithdrawMsgList",
      fields: [.from: officialAccount], key: [.from]),
  ]
}
