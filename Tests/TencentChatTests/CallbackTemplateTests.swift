import Foundation
import GatewayCore
import TencentChat
import Testing

@Suite("The templates of callbacks")
struct CallbackTemplateTests {
  private static let accounts = ["id1", "e\u{301}", "\"\\/\u{1}\n", "张三 👩‍👩‍👧"]

  private static func scene(
    from: String = "id", to: [String] = accounts, turn: Int = 0, sequence: UInt32 = 48_374
  ) -> CallbackScene {
    CallbackScene(
      app: Fixture.app.id, from: from, to: to, group: "@TGS#2J4SZEAEL", now: Fixture.receivedAt, turn: turn,
      sequence: sequence, random: 2_837_546)
  }

  private static func body(_ command: String, _ scene: CallbackScene = scene()) throws -> [UInt8] {
    try #require(CallbackTemplate.template(for: command)).body(scene)
  }

  private static func text(_ command: String, _ scene: CallbackScene = scene()) throws -> String {
    String(decoding: try body(command, scene), as: UTF8.self)
  }

  private static func object(_ command: String, _ scene: CallbackScene = scene()) throws -> NSDictionary {
    try #require(try JSONSerialization.jsonObject(with: Data(try body(command, scene))) as? NSDictionary)
  }

  @Test("are one for each row of the catalogue")
  func commands() {
    #expect(CallbackTemplate.all.map(\.command).sorted() == EventCatalogue.entries.map(\.command).sorted())
  }

  @Test("become as many events as accounts, with every value of the row", arguments: EventCatalogue.entries)
  func events(entry: CatalogueEntry) throws {
    let read = try Fixture.read(Self.body(entry.command), query: Fixture.query(entry.command))
    #expect(read.unsplitReason == nil)
    let batch = try #require(read.answered(read.reply).batch)
    #expect(batch.kind.type == entry.type)
    #expect(batch.eventCount == (entry.rule.batchField == nil ? 1 : Self.accounts.count))
    let events = try Fixture.bodies(batch).map {
      try #require(try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])
    }
    for event in events {
      let data = try #require(event["data"] as? [String: Any])
      for field in [EventField.from, .to, .group, .account] where entry.rule.sources[field] != nil {
        #expect((data[field.rawValue] as? String)?.isEmpty == false, "\(entry.command) has no \(field.rawValue)")
      }
      #expect((event["partitionkey"] == nil) == entry.rule.orderingKey.isEmpty)
      let time = try #require((event["time"] as? String).flatMap { Timestamp($0) })
      #expect(time.seconds == Fixture.receivedAt.seconds)
    }
  }

  @Test("are compact, with sorted keys", arguments: EventCatalogue.entries)
  func compact(entry: CatalogueEntry) throws {
    let scene = Self.scene(to: ["id1", "id2"])
    let body = try Self.body(entry.command, scene)
    let compact = try JSONSerialization.data(
      withJSONObject: Self.object(entry.command, scene), options: .withoutEscapingSlashes)
    #expect(body.count == compact.count)
    let scanned = try CallbackBody(body)
    let keys = scanned.members.map { Array(body[$0.key]) }
    #expect(zip(keys, keys.dropFirst()).allSatisfy { $0.lexicographicallyPrecedes($1) })
  }

  @Test("are filled in to the byte")
  func unusualAccounts() throws {
    let left = try Self.object("Group.CallbackAfterMemberExit")["ExitMemberList"] as? [[String: String]]
    #expect(left?.compactMap { $0["Member_Account"].map { Array($0.utf8) } } == Self.accounts.map { Array($0.utf8) })
    let sent = try Self.object("C2C.CallbackAfterSendMsg", Self.scene(from: Self.accounts[2], turn: 6))
    #expect((sent["From_Account"] as? String).map { Array($0.utf8) } == Array(Self.accounts[2].utf8))
    #expect((sent["To_Account"] as? String).map { Array($0.utf8) } == Array(Self.accounts[2].utf8))
  }

  @Test("are what Tencent's documented packets are, but for texts and times")
  func documented() throws {
    let scene = CallbackScene(
      app: Fixture.app.id, from: "jared", to: ["Jonh"], group: "g", now: Timestamp(seconds: 1_557_481_126),
      sequence: 48_374, random: 2_837_546)
    let documented = try #require(
      try JSONSerialization.jsonObject(with: Data(Sample.bytes("C2C.CallbackBeforeSendMsg"))) as? NSDictionary)
    let made = try Self.object("C2C.CallbackBeforeSendMsg", scene)
    #expect(Set(made.allKeys.compactMap { $0 as? String }) == Set(documented.allKeys.compactMap { $0 as? String }))
    for key in ["From_Account", "To_Account", "MsgSeq", "MsgRandom", "MsgTime", "MsgKey", "CallbackCommand"] {
      #expect(made[key] as? NSObject == documented[key] as? NSObject, "\(key)")
    }
    for name in ["Sns.CallbackPrevFriendAdd", "Sns.CallbackPrevFriendResponse", "State.StateChange"] {
      let keys = try #require(
        try JSONSerialization.jsonObject(with: Data(Sample.bytes(name))) as? NSDictionary
      ).allKeys.compactMap { $0 as? String }
      #expect(Set(keys).isSuperset(of: try Self.object(name).allKeys.compactMap { $0 as? String }), "\(name)")
    }
  }

  @Test("name the command where Tencent does")
  func commandNames() throws {
    let inItems: Set = ["Push.OfflinePush", "Push.AllMemberPush"]
    for entry in EventCatalogue.entries {
      let object = try Self.object(entry.command)
      let isAtTop = !inItems.contains(entry.command) && entry.command != "ContentCallback.ResultNotify"
      #expect(object["CallbackCommand"] as? String == (isAtTop ? entry.command : nil))
      let items = object["Events"] as? [[String: Any]]
      #expect((items != nil) == inItems.contains(entry.command))
      #expect(items?.allSatisfy { $0["CallbackCommand"] as? String == entry.command } ?? true)
    }
  }

  @Test("count the messages of one callback on, over the end of the numbers")
  func sequences() throws {
    let scene = Self.scene(to: ["a", "b"], sequence: .max)
    #expect(
      try Self.text("Group.CallbackAfterRecallMsg", scene)
        .contains(#""MsgSeqList":[{"MsgSeq":4294967295},{"MsgSeq":0}]"#))
    #expect(
      try Self.text("OfficialAccount.CallbackAfterMsgWithDraw", scene)
        .contains(#"[{"MsgKey":"4294967295_2837546_1795206960"},{"MsgKey":"0_2837546_1795206960"}]"#))
  }

  @Test("take a whole topic's id as it is")
  func topics() throws {
    let scene = Self.scene(to: ["news", "@TGS#_x@TOPIC#_y"])
    #expect(
      try Self.text("Group.CallbackAfterTopicDestroyed", scene)
        .contains(##"["@TGS#2J4SZEAEL@TOPIC#_news","@TGS#_x@TOPIC#_y"]"##))
  }
}
