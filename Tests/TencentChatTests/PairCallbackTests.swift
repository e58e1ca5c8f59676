import Foundation
import TencentChat
import Testing

@Suite("A callback of pairs")
struct PairCallbackTests {
  private func text(_ callback: PairCallback) -> String { String(decoding: callback.body, as: UTF8.self) }

  @Test("has what Tencent's documented packet has", arguments: PairCommand.allCases)
  func sample(command: PairCommand) throws {
    let isFriendAdd = command == .friendAdd
    let pairs = ["id1", "id2", "id3"].map { CallbackPair(from: "id", to: $0, initiator: isFriendAdd ? "id" : nil) }
    let friending = isFriendAdd ? PairCallback.Friending(admin: "", isForced: true) : nil
    let body = PairCallback(command, pairs: pairs, friending: friending).body
    let made = try JSONSerialization.jsonObject(with: Data(body)) as? NSDictionary
    let documented = try JSONSerialization.jsonObject(with: Data(Sample.bytes(command.rawValue))) as? NSDictionary
    #expect(made == documented)
  }

  @Test("is compact, and sorted as captures are")
  func sorted() {
    let pair = CallbackPair(from: "id", to: "id1", initiator: "id")
    let friending = PairCallback.Friending(admin: "administrator", isForced: false)
    #expect(
      text(PairCallback(.friendAdd, pairs: [pair], friending: friending)) == #"{"Admin_Account":"administrator","#
        + #""CallbackCommand":"Sns.CallbackFriendAdd","ClientCmd":"friend_add","ForceFlag":0,"PairList":["#
        + #"{"From_Account":"id","Initiator_Account":"id","To_Account":"id1"}]}"#)
  }

  @Test("keeps unusual accounts to the byte")
  func unusualAccounts() throws {
    let names = ["e\u{301}", "é", "\"\\/\u{1}\n", "<script>", "张三", "👩‍👩‍👧", ""]
    let body = PairCallback(.friendDelete, pairs: names.map { CallbackPair(from: "a", to: $0) }).body
    let object = try #require(try JSONSerialization.jsonObject(with: Data(body)) as? [String: Any])
    let pairs = try #require(object["PairList"] as? [[String: String]])
    #expect(pairs.map { $0["To_Account"].map { Array($0.utf8) } } == names.map { Array($0.utf8) })
  }
}
