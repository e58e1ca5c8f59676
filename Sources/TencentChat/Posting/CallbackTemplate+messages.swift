extension CallbackTemplate {
  static let messages: [CallbackTemplate] = [
    CallbackTemplate("C2C.CallbackBeforeSendMsg", fields: message),
    CallbackTemplate("C2C.CallbackAfterSendMsg", fields: sentMessage),
    CallbackTemplate("C2C.CallbackAfterMsgReport") { scene in
      [
        "Report_Account": scene.sender, "Peer_Account": scene.receiver, "LastReadTime": scene.seconds,
        "UnreadMsgNum": 0,
      ]
    },
    CallbackTemplate("C2C.CallbackAfterMsgWithDraw") { scene in
      [
        "From_Account": scene.sender, "To_Account": scene.receiver, "MsgKey": scene.messageKey(), "UnreadMsgNum": 0,
      ]
    },
    CallbackTemplate("C2C.CallbackAfterModifyMsg") { scene in
      var fields = message(scene)
      fields["OnlineOnlyFlag"] = nil
      fields["Operator_Account"] = scene.sender
      fields["EventTime"] = scene.milliseconds
      return fields
    },
    CallbackTemplate("C2C.CallbackAfterC2CMsgExtension") { scene in
      extending(scene).merging([
        "From_Account": scene.sender, "To_Account": scene.receiver, "MsgKey": scene.messageKey(),
      ]) { $1 }
    },
    CallbackTemplate("Bot.OnC2CMessage") { scene in
      sentMessage(scene).merging(["EventTime": scene.milliseconds]) { $1 }
    },
    CallbackTemplate("Bot.OnGroupMessage") { scene in
      sentGroupMessage(scene).merging(["AtRobots_Account": .array(scene.to.map { .string($0) })]) { $1 }
    },
    CallbackTemplate("Chatbot.OnC2CSignalMessage") { scene in
      [
        "From_Account": scene.sender, "To_Account": scene.receiver, "MsgSeq": scene.sequence(of: 0),
        "MsgRandom": .number(Int64(scene.random)), "MsgKey": scene.messageKey(), "EventTime": scene.milliseconds,
        "Data": "",
      ]
    },
  ]

  /// Someone has set an extension of a message.
  static func extending(_ scene: CallbackScene) -> Fields {
    [
      "OperateType": 1, "Seq": 1, "EventTime": scene.milliseconds,
      "ExtensionList": .array([.object(["Key": "key", "Value": "value", "Seq": 1])]),
    ]
  }

  @Sendable private static func message(_ scene: CallbackScene) -> Fields {
    let own: Fields = [
      "From_Account": scene.sender, "To_Account": scene.receiver, "MsgSeq": scene.sequence(of: 0),
      "MsgRandom": .number(Int64(scene.random)), "MsgTime": scene.seconds, "MsgKey": scene.messageKey(),
    ]
    return scene.message.merging(own) { $1 }
  }

  @Sendable private static func sentMessage(_ scene: CallbackScene) -> Fields {
    message(scene).merging(["SendMsgResult": 0, "ErrorInfo": "send msg succeed", "UnreadMsgNum": 1]) { $1 }
  }
}
