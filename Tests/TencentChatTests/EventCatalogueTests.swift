import GatewayCore
import TencentChat
import Testing

@Suite struct EventCatalogueTests {
  /// A type is a promise to subscribers from the day it is released: a line may be added here, and none changed.
  @Test("The rows are those that are promised")
  func rows() {
    let rows = EventCatalogue.entries.map { "\($0.command) \($0.type) \($0.timing)" }
    #expect(rows.sorted() == Self.promised.sorted())
  }

  private static let promised = [
    "Sns.CallbackFriendAdd friend.added after",
    "Sns.CallbackFriendDelete friend.deleted after",
    "Sns.CallbackBlackListAdd blocklist.added after",
    "Sns.CallbackBlackListDelete blocklist.deleted after",
    "Sns.CallbackPrevFriendAdd friend.add_requested before",
    "Sns.CallbackPrevFriendResponse friend.response_requested before",
    "Follow.CallbackAfterFollowAdd follow.added after",
    "Follow.CallbackAfterFollowDelete follow.deleted after",
    "Profile.CallbackPortraitSet user.profile.changed after",
    "State.StateChange user.state.changed after",
    "C2C.CallbackBeforeSendMsg message.send_requested before",
    "C2C.CallbackAfterSendMsg message.sent after",
    "C2C.CallbackAfterMsgReport message.read after",
    "C2C.CallbackAfterMsgWithDraw message.recalled after",
    "C2C.CallbackAfterModifyMsg message.modified after",
    "C2C.CallbackAfterC2CMsgExtension message.extension.changed after",
    "Group.CallbackBeforeCreateGroup group.create_requested before",
    "Group.CallbackAfterCreateGroup group.created after",
    "Group.CallbackBeforeApplyJoinGroup group.join_requested before",
    "Group.CallbackBeforeInviteJoinGroup group.invite_requested before",
    "Group.CallbackAfterNewMemberJoin group.member.joined after",
    "Group.CallbackAfterMemberExit group.member.left after",
    "Group.CallbackOnMemberStateChange group.member.state.changed after",
    "Group.CallbackAfterMemberFieldChanged group.member.profile.changed after",
    "Group.CallbackBeforeSendMsg group.message.send_requested before",
    "Group.CallbackAfterSendMsg group.message.sent after",
    "Group.CallbackSendMsgException group.message.failed after",
    "Group.CallbackAfterRecallMsg group.message.recalled after",
    "Group.CallbackAfterReadReceipt group.message.read after",
    "Group.CallbackAfterGroupMsgExtension group.message.extension.changed after",
    "Group.CallbackAfterGroupFull group.full after",
    "Group.CallbackAfterGroupDestroyed group.destroyed after",
    "Group.CallbackAfterGroupInfoChanged group.profile.changed after",
    "Group.CallbackAfterGroupAttrChanged group.attributes.changed after",
    "Group.CallbackAfterChangeGroupOwner group.owner.changed after",
    "Group.CallbackOnDailyGroupQuotaAlarm group.quota.alarm after",
    "Group.CallbackBeforeCreateTopic group.topic.create_requested before",
    "Group.CallbackAfterCreateTopic group.topic.created after",
    "Group.CallbackAfterTopicDestroyed group.topic.destroyed after",
    "Group.CallbackAfterTopicInfoChanged group.topic.profile.changed after",
    "Bot.OnC2CMessage bot.message.received after",
    "Bot.OnGroupMessage bot.group_message.received after",
    "Chatbot.OnC2CSignalMessage chatbot.signal.received after",
    "Alert.RequestOverLimit alert.request_over_limit after",
    "Push.OfflinePush push.reported after",
    "Push.AllMemberPush push.all_members.reported after",
    "ContentCallback.ResultNotify content.reviewed after",
    "Call.CallbackAfterStartCall call.started after",
    "Call.CallbackAfterMemberChanged call.member.changed after",
    "Call.CallbackAfterEndCall call.ended after",
    "OfficialAccount.CallbackBeforeCreateOfficialAccount official_account.create_requested before",
    "OfficialAccount.CallbackAfterCreateOfficialAccount official_account.created after",
    "OfficialAccount.CallbackAfterOfficialAccountInfoChanged official_account.profile.changed after",
    "OfficialAccount.CallbackAfterOfficialAccountDestroyed official_account.destroyed after",
    "OfficialAccount.CallbackAfterOfficialAccountFull official_account.full after",
    "OfficialAccount.CallbackBeforeAddSubscriber official_account.subscribe_requested before",
    "OfficialAccount.CallbackAfterAddSubscriber official_account.subscriber.added after",
    "OfficialAccount.CallbackAfterDeleteSubscriber official_account.subscriber.deleted after",
    "OfficialAccount.CallbackBeforeSendMsg official_account.message.send_requested before",
    "OfficialAccount.CallbackAfterSendMsg official_account.message.sent after",
    "OfficialAccount.CallbackAfterMsgWithDraw official_account.message.recalled after",
  ]

  /// Every array that Tencent is known to put independent facts into.
  @Test("Every array of independent facts splits")
  func batchFields() {
    let fields = Set(EventCatalogue.entries.compactMap { $0.rule.batchField?.description })
    #expect(
      fields == [
        "PairList", "FollowList", "To_Account", "NewMemberList", "ExitMemberList", "MemberList", "MsgSeqList",
        "TopicIdList", "GroupMsgReceiptList", "SubscribeAccountList", "WithdrawMsgList", "Events", "ChangedUserList",
      ])
  }

  @Test("The unit of every time is known")
  func timeUnits() {
    let places = Set(EventCatalogue.entries.flatMap { $0.rule.sources[.time]?.places ?? [] })
    #expect(places == Set(EventCatalogue.timeUnits.keys))
  }

  @Test("What orders events is always among what is read")
  func orderingKeys() {
    for entry in EventCatalogue.entries {
      #expect(entry.rule.orderingKey.allSatisfy { entry.rule.sources[$0] != nil }, "\(entry.command)")
    }
  }

  @Test("No command and no type stands twice, and none is the type of callbacks carried whole")
  func unique() {
    let entries = EventCatalogue.entries
    #expect(Set(entries.map(\.command)).count == entries.count)
    #expect(Set(entries.map(\.type)).count == entries.count)
    #expect(!entries.contains { $0.type == .callback })
  }

  @Test("A command that Tencent waits for never splits")
  func beforeNeverSplits() {
    #expect(EventCatalogue.entries.allSatisfy { $0.timing == .after || $0.rule.batchField == nil })
  }
}
