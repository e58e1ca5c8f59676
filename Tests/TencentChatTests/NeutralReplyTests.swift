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

  @Test("A denial takes the command's own form", arguments: EventCatalogue.entries.filter { $0.timing == .before })
  func denials(row: CatalogueEntry) throws {
    let body = #"{"FriendItem":[{"To_Account":"a"},{"To_Account":"b"}],"ResponseFriendItem":[{"To_Account":"\u0061"}]}"#
    let denial = try #require(try Fixture.read(row.command, body).question).denial
    let parsed = try #require(try JSONSerialization.jsonObject(with: Data(denial)) as? [String: Any])
    #expect(parsed["ActionStatus"] as? String == "OK")
    switch row.replyForm {
    case .errorCode:
      #expect(parsed["ErrorCode"] as? Int == 1)
      #expect(parsed["ResultItem"] == nil)
    case .resultForEachAccount(let field):
      #expect(parsed["ErrorCode"] as? Int == 0)
      let results = try #require(parsed["ResultItem"] as? [[String: Any]])
      #expect(results.map { $0["To_Account"] as? String } == (field == "FriendItem" ? ["a", "b"] : ["a"]))
      #expect(results.allSatisfy { (38000...39000).contains($0["ResultCode"] as? Int ?? 0) })
    }
  }

  @Test("After something has happened nobody is asked")
  func noQuestion() throws {
    for row in EventCatalogue.entries {
      let question = try Fixture.read(row.command, "{}").question
      #expect((question != nil) == (row.timing == .before), "\(row.command)")
    }
    #expect(try Fixture.read("X.CallbackBeforeY", "{}").question == nil)
  }
}
