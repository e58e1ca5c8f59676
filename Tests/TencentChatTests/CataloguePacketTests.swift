import Foundation
import GatewayCore
import TencentChat
import Testing

/// Packets of every family, in the shapes that Tencent documents or has been seen to send.
@Suite struct CataloguePacketTests {
  struct Packet: Sendable, CustomTestStringConvertible {
    let command: String
    let body: String
    /// For each event: what is in `data` besides `item` and `callback`, and the ordering key, as `from,to,group,account|key`.
    let events: [String]
    /// The items as they stand in the body; empty: the events have none.
    let items: [String]

    var testDescription: String { command }
  }

  private static func packet(_ command: String, _ body: String, events: [String], items: [String] = []) -> Packet {
    Packet(command: command, body: body, events: events, items: items)
  }

  private static let packets: [Packet] = [
    packet(
      "Follow.CallbackAfterFollowAdd",
      #"{"From_Account":"id","FollowList":[{"To_Account":"id1"},{"To_Account":"a"}],"EventTime":1670574414123}"#,
      events: ["from=id to=id1 key=id|id1", "from=id to=a key=a|id"],
      items: [#"{"To_Account":"id1"}"#, #"{"To_Account":"a"}"#]),
    packet(
      "Follow.CallbackAfterFollowDelete", #"{"From_Account":"id","To_Account":["id1","\u0041"],"EventTime":1}"#,
      events: ["from=id to=id1 key=id|id1", "from=id to=A key=A|id"], items: [#""id1""#, #""\u0041""#]),
    packet(
      "Profile.CallbackPortraitSet",
      #"{"Operator_Account":"admin","From_Account":"id","ProfileItem":[{"Tag":"a","Value":1},{"Tag":"b","Value":"x"}]}"#,
      events: ["from=id account=id key=id"]),
    packet(
      "State.StateChange",
      #"{"Info":{"Action":"Login","To_Account":"testuser316","Reason":"Register"},"KickedDevice":[{"Platform":"Web"}]}"#,
      events: ["account=testuser316 key=testuser316"]),
    packet(
      "C2C.CallbackAfterMsgReport", #"{"Report_Account":"b","Peer_Account":"a","LastReadTime":1670574414}"#,
      events: ["from=b to=a key=a|b"]),
    packet(
      "Group.CallbackAfterMemberExit",
      #"{"GroupId":"@TGS#1","ExitType":"Kicked","Operator_Account":"o","ExitMemberList":[{"Member_Account":"x"}]}"#,
      events: ["group=@TGS#1 account=x key=@TGS#1"], items: [#"{"Member_Account":"x"}"#]),
    packet(
      "Group.CallbackOnMemberStateChange",
      #"{"GroupId":"g","EventType":"Offline","MemberList":[{"Member_Account":"jared"},{"Member_Account":"tommy"}]}"#,
      events: ["group=g account=jared key=g", "group=g account=tommy key=g"],
      items: [#"{"Member_Account":"jared"}"#, #"{"Member_Account":"tommy"}"#]),
    packet(
      "Group.CallbackAfterRecallMsg",
      #"{"GroupId":"g","MsgSeqList":[{"MsgSeq":4294967295},{"MsgSeq":18446744073709551617}],"TopicId":"t"}"#,
      events: ["group=g key=g", "group=g key=g"],
      items: [#"{"MsgSeq":4294967295}"#, #"{"MsgSeq":18446744073709551617}"#]),
    packet(
      "Group.CallbackAfterTopicDestroyed", #"{"GroupId":"g","Type":"Community","TopicIdList":["t1", "t2"]}"#,
      events: ["group=g key=g", "group=g key=g"], items: [#""t1""#, #""t2""#]),
    packet(
      "Group.CallbackAfterReadReceipt",
      #"{"GroupId":"g","GroupMsgReceiptList":[{"MsgSeq":1,"ReadReceiptMembers":[{"Member_Account":"a"}]}]}"#,
      events: ["group=g key=g"], items: [#"{"MsgSeq":1,"ReadReceiptMembers":[{"Member_Account":"a"}]}"#]),
    packet(
      "Group.CallbackAfterMemberFieldChanged", #"{"GroupId":"g","Modified_Account":"m","Role":"Admin"}"#,
      events: ["group=g account=m key=g"]),
    packet(
      "Group.CallbackAfterMemberFieldChanged", #"{"GroupId":"g","Member_Account":"n","Modified_Account":"m"}"#,
      events: ["group=g account=n key=g"]),
    packet(
      "Group.CallbackAfterChangeGroupOwner", #"{"GroupId":"g","OldOwner_Account":"a","NewOwner_Account":"b"}"#,
      events: ["group=g account=b key=g"]),
    packet(
      "Push.AllMemberPush",
      #"{"Events":[{"CallbackCommand":"Push.AllMemberPush","EventType":1,"EventTime":1557481128,"To_Account":"u"},{}]}"#,
      events: ["account=u key=u", ""],
      items: [#"{"CallbackCommand":"Push.AllMemberPush","EventType":1,"EventTime":1557481128,"To_Account":"u"}"#, "{}"]),
    packet(
      "ContentCallback.ResultNotify", #"{"Scene":"C2C","SdkAppId":1400000000,"From_Account":"id","MsgID":"1"}"#,
      events: ["from=id key=id"]),
    packet(
      "Call.CallbackAfterMemberChanged",
      #"{"CallId":"c","UserList":[{"User_Account":"u"}],"ChangedUserList":[{"User_Account":144115212830834855}]}"#,
      events: ["account=144115212830834855 key=c"], items: [#"{"User_Account":144115212830834855}"#]),
    packet(
      "Call.CallbackAfterStartCall",
      #"{"CallInfo":{"CallId":"c","MediaType":"Audio"},"UserList":[{"User_Account":"u"}]}"#,
      events: ["key=c"]),
    packet("Call.CallbackAfterEndCall", #"{"CallId":"c","UserList":[{"User_Account":"u"}]}"#, events: ["key=c"]),
    packet(
      "OfficialAccount.CallbackAfterAddSubscriber",
      ##"{"Official_Account":"@TOA#_1","SubscribeAccountList":[{"Subscriber_Account":"a"},{"Subscriber_Account":"b"}]}"##,
      events: ["account=a key=@TOA#_1", "account=b key=@TOA#_1"],
      items: [#"{"Subscriber_Account":"a"}"#, #"{"Subscriber_Account":"b"}"#]),
    packet(
      "OfficialAccount.CallbackBeforeAddSubscriber",
      ##"{"Official_Account":"@TOA#_1","SubscribeAccountList":[{"Subscriber_Account":"a"},{"Subscriber_Account":"b"}]}"##,
      events: ["key=@TOA#_1"]),
    packet(
      "OfficialAccount.CallbackAfterMsgWithDraw",
      ##"{"Official_Account":"#TOA#_123","WithdrawMsgList":[{"MsgKey":"71_1_1698741698"}]}"##,
      events: ["from=#TOA#_123 key=#TOA#_123"], items: [#"{"MsgKey":"71_1_1698741698"}"#]),
    packet(
      "Alert.RequestOverLimit", #"{"ServiceName":"s","Command":"c","Request":90,"Limit":100}"#, events: [""]),
  ]

  @Test("Every packet is cut as its row says", arguments: packets)
  func cut(packet: Packet) throws {
    let read = try Fixture.read(packet.command, packet.body)
    #expect(read.unsplitReason == nil)
    let row = try #require(EventCatalogue.entries.first { $0.command == packet.command })
    let bodies = try Fixture.bodies(try #require(read.answered(read.reply).batch))
    let events = try bodies.map {
      try #require(try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])
    }
    #expect(events.allSatisfy { $0["type"] as? String == row.type.full })
    #expect(events.map(Self.summary) == packet.events)
    for (body, item) in zip(bodies, packet.items) { #expect(body.contains(#","item":\#(item),"callback":{"#)) }
    #expect(packet.items.isEmpty == events.allSatisfy { ($0["data"] as? [String: Any])?["item"] == nil })
  }

  private static func summary(_ event: [String: Any]) -> String {
    let data = event["data"] as? [String: Any] ?? [:]
    var words = ["from", "to", "group", "account"].compactMap { name in data[name].map { "\(name)=\($0)" } }
    if let key = event["partitionkey"] { words.append("key=\(key)") }
    return words.joined(separator: " ")
  }

  @Test(
    "The time is the event's own, in whatever unit and type it comes",
    arguments: [
      ("C2C.CallbackAfterSendMsg", #"{"MsgTime":1670574414}"#, "2022-12-09T08:26:54.000Z"),
      ("C2C.CallbackAfterSendMsg", #"{"MsgTime":1670574414,"EventTime":1670574414123}"#, "2022-12-09T08:26:54.123Z"),
      ("C2C.CallbackAfterMsgReport", #"{"LastReadTime":1670574414}"#, "2022-12-09T08:26:54.000Z"),
      ("State.StateChange", #"{"EventTime":1629883332497}"#, "2021-08-25T09:22:12.497Z"),
      ("Group.CallbackAfterGroupFull", #"{"EventTime":"1670574414123"}"#, "2022-12-09T08:26:54.123Z"),
      ("Push.OfflinePush", #"{"Events":[{"EventTime":1557481128}]}"#, "2019-05-10T09:38:48.000Z"),
      ("Group.CallbackOnMemberStateChange", #"{"MemberList":[{}]}"#, "2026-11-20T20:36:00.123Z"),
    ])
  func times(command: String, body: String, time: String) throws {
    let event = try #require(try Fixture.events(command, body).first)
    #expect(Fixture.part(of: event, from: #""time":""#, to: "\"") == time)
  }

  @Test("An item of another type than the row says has the callback carried whole")
  func oddItems() throws {
    for (command, body) in [
      ("Group.CallbackAfterNewMemberJoin", #"{"NewMemberList":["jared"]}"#),
      ("Group.CallbackAfterTopicDestroyed", #"{"TopicIdList":"t"}"#),
      ("Group.CallbackAfterTopicDestroyed", #"{"TopicIdList":[1]}"#),
      ("Follow.CallbackAfterFollowAdd", #"{"FollowList":[{}]}"#),
    ] {
      #expect(try Fixture.read(command, body).unsplitReason == .batchShape, "\(command) \(body)")
    }
  }

  @Test("A key that stands twice in an object that is read has the callback carried whole")
  func repeatedNestedKey() throws {
    let twice = #"{"Info":{"To_Account":"a","Action":"Login","To_Account":"b"}}"#
    #expect(try Fixture.read("State.StateChange", twice).unsplitReason == .duplicateKey)
    let odd = try Fixture.events("State.StateChange", #"{"Info":["To_Account"]}"#)
    #expect(!odd[0].contains("account"))
  }

  @Test("The command may stand in the items alone")
  func commandInItems() throws {
    let query = Fixture.query(nil)
    func read(_ body: String) throws -> ReadCallback { try Fixture.read(Array(body.utf8), query: query) }
    let named = try read(#"{"Events":[{"EventType":1},{"CallbackCommand":"Push.OfflinePush"}]}"#)
    #expect(named.batch?.kind.command == "Push.OfflinePush")
    #expect(named.batch?.eventCount == 2)
    let mixed = try read(
      #"{"Events":[{"CallbackCommand":"Push.OfflinePush"},{"CallbackCommand":"Push.AllMemberPush"}]}"#)
    #expect(mixed.unsplitReason == .commandMismatch)
    #expect(mixed.batch?.eventCount == 1)
    let other = try Fixture.read("Push.AllMemberPush", #"{"Events":[{"CallbackCommand":"Push.OfflinePush"},{}]}"#)
    #expect(other.unsplitReason == .commandMismatch)
    #expect(other.batch?.kind.command == "Push.AllMemberPush")
    #expect(throws: MalformedCallback.unnamedCommand) { try read(#"{"Events":[{"CallbackCommand":1}]}"#) }
    #expect(throws: MalformedCallback.unnamedCommand) { try read(#"{"Events":[]}"#) }
  }
}
