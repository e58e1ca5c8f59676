extension CallbackTemplate {
  private static let type: OutgoingJSON = "Public"
  private static let member = "Member_Account"

  static let groups: [CallbackTemplate] = [
    CallbackTemplate("Group.CallbackBeforeCreateGroup") { scene in
      founding(scene).merging(["CreateGroupNum": 1]) { $1 }
    },
    CallbackTemplate("Group.CallbackAfterCreateGroup") { scene in
      founding(scene).merging(["GroupId": scene.groupID, "UserDefinedDataList": .array([])]) { $1 }
    },
    group("Group.CallbackBeforeApplyJoinGroup") { ["Requestor_Account": $0.sender] },
    group("Group.CallbackBeforeInviteJoinGroup") {
      ["Operator_Account": $0.sender, "DestinationMembers": $0.each(member)]
    },
    group("Group.CallbackAfterNewMemberJoin") {
      ["JoinType": "Invited", "Operator_Account": $0.sender, "NewMemberList": $0.each(member)]
    },
    group("Group.CallbackAfterMemberExit") {
      ["ExitType": "Kicked", "Operator_Account": $0.sender, "ExitMemberList": $0.each(member)]
    },
    CallbackTemplate("Group.CallbackOnMemberStateChange") { scene in
      ["GroupId": scene.groupID, "Type": type, "EventType": "Online", "MemberList": scene.each(member)]
    },
    group("Group.CallbackAfterMemberFieldChanged") {
      ["Operator_Account": $0.sender, member: $0.receiver, "Role": "Admin", "NameCard": "card"]
    },
    CallbackTemplate("Group.CallbackAfterGroupFull") { scene in
      ["GroupId": scene.groupID, "EventTime": scene.milliseconds]
    },
    group("Group.CallbackAfterGroupDestroyed") {
      ["Owner_Account": $0.sender, "Name": "name", "MemberList": $0.each(member)]
    },
    group("Group.CallbackAfterGroupInfoChanged") {
      ["Operator_Account": $0.sender, "Name": "name", "Notification": "notification"]
    },
    group("Group.CallbackAfterGroupAttrChanged") {
      [
        "Operator_Account": $0.sender, "OptionType": "set",
        "GroupAttr": .array([.object(["key": "key", "value": "value"])]),
      ]
    },
    group("Group.CallbackAfterChangeGroupOwner") {
      ["Operator_Account": $0.sender, "OldOwner_Account": $0.sender, "NewOwner_Account": $0.receiver]
    },
    CallbackTemplate("Group.CallbackOnDailyGroupQuotaAlarm") { scene in
      ["QuotaUsed": 8_000, "Quota": 10_000, "EventTime": scene.milliseconds]
    },
  ]

  static let groupMessages: [CallbackTemplate] = [
    CallbackTemplate("Group.CallbackBeforeSendMsg", fields: groupMessage),
    CallbackTemplate("Group.CallbackAfterSendMsg", fields: sentGroupMessage),
    CallbackTemplate("Group.CallbackSendMsgException") { scene in
      groupMessage(scene).merging(["ErrorCode": 10_010, "ErrorInfo": "group is not exist"]) { $1 }
    },
    group("Group.CallbackAfterRecallMsg") { scene in
      [
        "Operator_Account": scene.sender,
        "MsgSeqList": .array(scene.to.indices.map { .object(["MsgSeq": scene.sequence(of: $0)]) }),
      ]
    },
    group("Group.CallbackAfterReadReceipt") { scene in
      let receipts = scene.to.enumerated().map { index, account in
        OutgoingJSON.object([
          "MsgSeq": scene.sequence(of: index), "ReadNum": 1, "UnreadNum": 1,
          "ReadReceiptMembers": .array([.object([member: .string(account)])]),
        ])
      }
      return ["GroupMsgReceiptList": .array(receipts)]
    },
    CallbackTemplate("Group.CallbackAfterGroupMsgExtension") { scene in
      extending(scene).merging(["GroupId": scene.groupID, "MsgSeq": scene.sequence(of: 0)]) { $1 }
    },
  ]

  static let topics: [CallbackTemplate] = [
    community("Group.CallbackBeforeCreateTopic") { ["Operator_Account": $0.sender, "Name": "name"] },
    community("Group.CallbackAfterCreateTopic") {
      [
        "TopicId": $0.topic, "Operator_Account": $0.sender, "Owner_Account": $0.sender, "Name": "name",
        "UserDefinedDataList": .array([]),
      ]
    },
    community("Group.CallbackAfterTopicDestroyed") { scene in ["TopicIdList": .array(scene.to.map(scene.topic(_:)))] },
    community("Group.CallbackAfterTopicInfoChanged") {
      ["TopicId": $0.topic, "Operator_Account": $0.sender, "Name": "name", "Notification": "notification"]
    },
  ]

  @Sendable static func sentGroupMessage(_ scene: CallbackScene) -> Fields {
    groupMessage(scene).merging(["MsgSeq": scene.sequence(of: 0), "MsgTime": scene.seconds]) { $1 }
  }

  @Sendable private static func groupMessage(_ scene: CallbackScene) -> Fields {
    let own: Fields = [
      "GroupId": scene.groupID, "Type": type, "From_Account": scene.sender, "Operator_Account": scene.sender,
      "Random": .number(Int64(scene.random)), "EventTime": scene.milliseconds,
    ]
    return scene.message.merging(own) { $1 }
  }

  private static func founding(_ scene: CallbackScene) -> Fields {
    [
      "Operator_Account": scene.sender, "Owner_Account": scene.sender, "Type": type, "Name": "name",
      "MemberList": scene.each(member), "EventTime": scene.milliseconds,
    ]
  }

  /// With the group's id and type, and the time.
  private static func group(
    _ command: String, _ fields: @escaping @Sendable (CallbackScene) -> Fields
  ) -> CallbackTemplate {
    CallbackTemplate(command) { scene in
      fields(scene).merging(["GroupId": scene.groupID, "Type": type, "EventTime": scene.milliseconds]) { own, _ in own }
    }
  }

  /// With the id of a group that has topics.
  private static func community(
    _ command: String, _ fields: @escaping @Sendable (CallbackScene) -> Fields
  ) -> CallbackTemplate {
    CallbackTemplate(command) { scene in
      fields(scene).merging(["GroupId": scene.groupID, "Type": "Community"]) { own, _ in own }
    }
  }
}
