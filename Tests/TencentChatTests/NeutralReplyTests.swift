import Foundation
import TencentChat
import Testing

@Suite struct NeutralReplyTests {
  private static let ok = #"{"ActionStatus":"OK","ErrorCode":0,"ErrorInfo":"""#

  private func reply(_ command: String, _ body: String) throws -> String {
    String(decoding: try Fixture.read(command, body).reply, as: UTF8.self)
  }

  private func result(_ account: String) -> String { #"{"To_Account":\#(account),"ResultCode":0,"ResultInfo":""}"# }

  @Test("Both Prev samples are answered with every account", arguments: ["Add", "Response"])
  func samples(kind: String) throws {
    let command = "Sns.CallbackPrevFriend\(kind)"
    let reply = try Fixture.read(try Sample.bytes(command), query: Fixture.query(command)).reply
    #expect(
      String(decoding: reply, as: UTF8.self)
        == #"\#(Self.ok),"ResultItem":[\#(result(#""id1""#)),\#(result(#""id2""#))]}"#)
    let parsed = try #require(try JSONSerialization.jsonObject(with: Data(reply)) as? [String: Any])
    #expect((parsed["ResultItem"] as? [[String: Any]])?.count == 2)
  }

  @Test("Accounts are repeated as they came")
  func verbatim() throws {
    let reply = try reply("Sns.CallbackPrevFriendAdd", #"{"FriendItem":[{"To_Account" : "\u4f60\"你"}]}"#)
    #expect(reply == #"\#(Self.ok),"ResultItem":[\#(result(#""\u4f60\"你""#))]}"#)
  }

  @Test("Of an odd array the well-formed items are answered")
  func odd() throws {
    let items = #"[1,{"To_Account":5},{"To_Account":"a"},{},{"x":1,"To_Account":"b"},null]"#
    #expect(
      try reply("Sns.CallbackPrevFriendAdd", #"{"FriendItem":\#(items)}"#)
        == #"\#(Self.ok),"ResultItem":[\#(result(#""a""#)),\#(result(#""b""#))]}"#)
  }

  @Test("Without an array the list is empty", arguments: ["{}", #"{"FriendItem":null}"#, #"{"FriendItem":{}}"#])
  func noItems(body: String) throws {
    #expect(try reply("Sns.CallbackPrevFriendAdd", body) == #"\#(Self.ok),"ResultItem":[]}"#)
  }

  @Test("A callback that is carried whole gets the answer of the query's command")
  func mismatch() throws {
    let body = #"{"CallbackCommand":"X.Y","FriendItem":[{"To_Account":"a"}]}"#
    #expect(try reply("Sns.CallbackPrevFriendAdd", body) == #"\#(Self.ok),"ResultItem":[\#(result(#""a""#))]}"#)
  }

  @Test("Other commands are answered OK", arguments: ["C2C.CallbackBeforeSendMsg", "State.StateChange", "X.Y"])
  func others(command: String) throws {
    #expect(try reply(command, "{}") == Self.ok + "}")
  }
}
