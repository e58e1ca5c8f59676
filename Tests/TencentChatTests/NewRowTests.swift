import GatewayCore
import TencentChat
import Testing

/// To know a command takes a row and nothing else.
@Suite struct NewRowTests {
  private static let catalogue: [CatalogueEntry] = [
    .after(
      "Group.CallbackAfterNewMemberJoin", "group.member_joined", batch: "NewMemberList",
      fields: [.group: .callback("GroupId"), .account: .item("Member_Account")], key: [.group]),
    .after(
      "Follow.CallbackAfterFollowDelete", "follow.deleted", batch: "To_Account", items: [.string],
      fields: [.from: .callback("From_Account"), .to: .wholeItem], key: [.from, .to]),
    .after("Push.OfflinePush", "push.reported", batch: "Events", fields: [.time: .item("EventTime")]),
    .after("Group.CallbackAfterRead", "group.read", batch: "Seqs", items: [.number], fields: [.account: .wholeItem]),
    .after("Group.CallbackAfterGroupFull", "group.full", fields: [.group: .callback("GroupId")], key: [.group]),
  ]

  private func events(_ command: String, _ body: String) throws -> [String] {
    try Fixture.events(command, body, catalogue: Self.catalogue)
  }

  private func reason(_ command: String, _ body: String) throws -> UnsplitReason? {
    try Fixture.read(command, body, catalogue: Self.catalogue).unsplitReason
  }

  @Test("Members of a group")
  func groupMembers() throws {
    let name = "Group.CallbackAfterNewMemberJoin"
    let events = try events(name, String(decoding: try Sample.bytes(name), as: UTF8.self))
    #expect(events.count == 2)
    #expect(events[0].contains(#""time":"2022-12-09T08:26:54.123Z","partitionkey":"@TGS#2J4SZEAEL","#))
    #expect(events[1].contains(#""group":"@TGS#2J4SZEAEL","account":"tommy","item":{"#))
  }

  @Test("A list of plain names")
  func names() throws {
    let name = "Follow.CallbackAfterFollowDelete"
    let events = try events(name, #"{"From_Account":"me","To_Account":["a","z"]}"#)
    #expect(events[0].contains(#""partitionkey":"a|me","#))
    #expect(events[1].contains(#""from":"me","to":"z","item":"z","callback":{"From_Account":"me"},"#))
    #expect(try reason(name, #"{"To_Account":["a",1]}"#) == .batchShape)
    #expect(try reason(name, #"{"To_Account":[{"To_Account":"a"}]}"#) == .batchShape)
    #expect(try reason(name, #"{"From_Account":1,"From_Account":1,"To_Account":[]}"#) == .duplicateKey)
  }

  @Test("Items with a time each, or none")
  func itemTimes() throws {
    let events = try events("Push.OfflinePush", #"{"Events":[{"EventTime":1670574414},{},{"EventTime":"1670574415"}]}"#)
    let times = events.map { Fixture.part(of: $0, from: #""time":""#, to: "\"") }
    #expect(times == ["2022-12-09T08:26:54.000Z", "2026-11-20T20:36:00.123Z", "2022-12-09T08:26:55.000Z"])
  }

  @Test("A list of numbers")
  func numbers() throws {
    let events = try events("Group.CallbackAfterRead", #"{"Seqs":[1, 4294967295]}"#)
    #expect(events[1].contains(#""account":"4294967295","item":4294967295,"callback":{},"#))
    #expect(try reason("Group.CallbackAfterRead", #"{"Seqs":["1"]}"#) == .batchShape)
  }

  @Test("A command without a batch field")
  func single() throws {
    let events = try events("Group.CallbackAfterGroupFull", #"{"GroupId":"g","EventTime":1670574414123}"#)
    #expect(events.count == 1)
    #expect(events[0].contains(#""partitionkey":"g","#))
    #expect(events[0].contains(#""group":"g","callback":{"GroupId":"g","EventTime":1670574414123},"batch""#))
  }
}
