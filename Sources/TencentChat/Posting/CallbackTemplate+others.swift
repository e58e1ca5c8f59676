import GatewayCore

extension CallbackTemplate {
  static let others: [CallbackTemplate] = [
    CallbackTemplate("Alert.RequestOverLimit") { _ in
      ["ServiceName": "openim", "Command": "sendmsg", "Request": 180, "Limit": 200]
    },
    push("Push.OfflinePush") { scene, index in
      [
        "From_Account": scene.sender, "MsgKey": scene.messageKey(of: index), "MsgSeq": scene.sequence(of: index),
        "MsgRandom": .number(Int64(scene.random)),
      ]
    },
    push("Push.AllMemberPush") { scene, _ in
      ["TaskId": .string("\(scene.sequence)_\(scene.random)"), "TaskTime": scene.seconds]
    },
    CallbackTemplate("ContentCallback.ResultNotify", names: .query) { scene in
      [
        "Scene": "C2C", "SdkAppId": .number(scene.app.rawValue), "From_Account": scene.sender,
        "ContactItem": .object(["Type": "C2C", "To_Account": scene.receiver]), "ContentType": "Text",
        "TextContent": .array(["hello"]), "FileURL": "", "MsgID": scene.messageKey(), "CtxcbResult": "Block",
        "CtxcbRequestId": .string("\(scene.random)"), "CtxcbKeywords": .array(["hello"]), "CtxcbSuggestion": "Block",
        "CtxcbLabel": "Abuse", "CloudCustomData": "",
      ]
    },
  ]

  static let calls: [CallbackTemplate] = [
    call("Call.CallbackAfterStartCall", action: "Invite"), call("Call.CallbackAfterMemberChanged", action: "Answer"),
    call("Call.CallbackAfterEndCall", action: "Hangup"),
  ]

  /// An item for each account that is pushed to; its own fields come with those that all have.
  private static func push(
    _ command: String, _ fields: @escaping @Sendable (CallbackScene, Int) -> Fields
  ) -> CallbackTemplate {
    CallbackTemplate(command, names: .items) { scene in
      let items = scene.to.enumerated().map { index, account in
        let shared: Fields = [
          "CallbackCommand": .string(command), "EventType": 1, "EventTime": scene.seconds,
          "To_Account": .string(account), "PushPlatform": 1, "PushStage": 1, "ErrCode": 0, "ErrInfo": "OK",
        ]
        return OutgoingJSON.object(shared.merging(fields(scene, index)) { $1 })
      }
      return [EventCatalogue.itemsNamingCommand.description: .array(items)]
    }
  }

  /// A call of the one account with the others, who are those that something has changed for.
  private static func call(_ command: String, action: OutgoingJSON) -> CallbackTemplate {
    CallbackTemplate(command) { scene in
      let users = ([scene.from] + scene.to).map {
        OutgoingJSON.object(["User_Account": .string($0), "Status": "Calling"])
      }
      return [
        "CallId": .string("\(scene.sequence)-\(scene.random)"), "UserList": .array(users),
        "ChangedUserList": scene.each("User_Account", ["ActionType": action]), "EventTime": scene.milliseconds,
      ]
    }
  }
}
