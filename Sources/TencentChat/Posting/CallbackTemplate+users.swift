extension CallbackTemplate {
  static let relationships: [CallbackTemplate] =
    PairCommand.allCases.map(CallbackTemplate.init) + [
      CallbackTemplate("Sns.CallbackPrevFriendAdd") { scene in
        [
          "Requester_Account": scene.sender, "From_Account": scene.sender, "AddType": "Add_Type_Both",
          "ForceAddFlags": 0, "EventTime": scene.milliseconds,
          "FriendItem": scene.each(
            "To_Account",
            ["Remark": "", "GroupName": "", "AddSource": "AddSource_Type_Web", "AddWording": "hello"]),
        ]
      },
      CallbackTemplate("Sns.CallbackPrevFriendResponse") { scene in
        [
          "Requester_Account": scene.sender, "From_Account": scene.sender, "EventTime": scene.milliseconds,
          "ResponseFriendItem": scene.each(
            "To_Account", ["Remark": "", "TagName": "", "ResponseAction": "Response_Action_AgreeAndAdd"]),
        ]
      },
      CallbackTemplate("Follow.CallbackAfterFollowAdd") { scene in
        [
          "From_Account": scene.sender, "FollowList": scene.each("To_Account"), "EventTime": scene.milliseconds,
        ]
      },
      CallbackTemplate("Follow.CallbackAfterFollowDelete") { scene in
        [
          "From_Account": scene.sender, "To_Account": .array(scene.to.map { .string($0) }),
          "EventTime": scene.milliseconds,
        ]
      },
    ]

  static let users: [CallbackTemplate] = [
    CallbackTemplate("Profile.CallbackPortraitSet") { scene in
      [
        "Operator_Account": scene.sender, "From_Account": scene.sender, "EventTime": scene.milliseconds,
        "ProfileItem": .array([
          .object(["Tag": "Tag_Profile_IM_Nick", "Value": "nick"]),
          .object(["Tag": "Tag_Profile_IM_Level", "Value": 1]),
        ]),
      ]
    },
    CallbackTemplate("State.StateChange") { scene in
      [
        "EventTime": scene.milliseconds,
        "Info": .object(["Action": "Login", "To_Account": scene.receiver, "Reason": "Register"]),
      ]
    },
  ]
}
