extension CallbackTemplate {
  private static let administrator: OutgoingJSON = "administrator"

  static let officialAccounts: [CallbackTemplate] = [
    CallbackTemplate("OfficialAccount.CallbackBeforeCreateOfficialAccount") { scene in
      profile(scene).merging(["EventTime": scene.milliseconds]) { $1 }
    },
    account("OfficialAccount.CallbackAfterCreateOfficialAccount", profile),
    account("OfficialAccount.CallbackAfterOfficialAccountInfoChanged") { _ in
      ["Operator_Account": administrator, "Name": "name"]
    },
    account("OfficialAccount.CallbackAfterOfficialAccountDestroyed") { scene in
      ["Owner_Account": scene.sender, "Name": "name"]
    },
    account("OfficialAccount.CallbackAfterOfficialAccountFull") { _ in [:] },
    account("OfficialAccount.CallbackBeforeAddSubscriber", subscribers),
    account("OfficialAccount.CallbackAfterAddSubscriber", subscribers),
    account("OfficialAccount.CallbackAfterDeleteSubscriber", subscribers),
    account("OfficialAccount.CallbackBeforeSendMsg", message),
    account("OfficialAccount.CallbackAfterSendMsg") { scene in
      message(scene).merging([
        "MsgSeq": scene.sequence(of: 0), "MsgTime": scene.seconds, "MsgKey": scene.messageKey(),
      ]) { $1 }
    },
    account("OfficialAccount.CallbackAfterMsgWithDraw") { scene in
      let keys = scene.to.indices.map { OutgoingJSON.object(["MsgKey": scene.messageKey(of: $0)]) }
      return ["Operator_Account": administrator, "WithdrawMsgList": .array(keys)]
    },
  ]

  @Sendable private static func profile(_ scene: CallbackScene) -> Fields {
    ["Operator_Account": administrator, "Owner_Account": scene.sender, "Name": "name", "Introduction": "introduction"]
  }

  @Sendable private static func subscribers(_ scene: CallbackScene) -> Fields {
    ["Operator_Account": administrator, "SubscribeAccountList": scene.each("Subscriber_Account")]
  }

  @Sendable private static func message(_ scene: CallbackScene) -> Fields {
    scene.message.merging(["Operator_Account": administrator, "MsgRandom": .number(Int64(scene.random))]) { $1 }
  }

  /// With the official account's id, and the time.
  private static func account(
    _ command: String, _ fields: @escaping @Sendable (CallbackScene) -> Fields
  ) -> CallbackTemplate {
    CallbackTemplate(command) { scene in
      fields(scene).merging(["Official_Account": scene.sender, "EventTime": scene.milliseconds]) { own, _ in own }
    }
  }
}
