import ChatSimulator
import TencentChat
import Testing

@Suite("The REST documents' own samples")
struct DocumentTests {
  @Test("of black_list_add: id2 is blocked before, id3 is another app's")
  func blackListAdd() throws {
    let sample = try RESTSample("black_list_add")
    var graph = RelationshipGraph()
    graph.seedBlocked("id2", of: "id")
    graph.accounts.addForeign("id3")
    let answer = Chat(graph: graph).call("black_list_add", sample.request)
    #expect(answer.text == sample.response)
    #expect(answer.callbacks.map(\.command) == [.blackListAdd])
    #expect(answer.pairs == ["id→id1"])
  }

  @Test("of black_list_delete: something fails inside for id3")
  func blackListDelete() throws {
    let sample = try RESTSample("black_list_delete")
    var graph = RelationshipGraph()
    for account in ["id1", "id2", "id3"] as [AccountID] { graph.seedBlocked(account, of: "id") }
    graph.accounts.set(failure: 30006, of: "id3")
    let answer = Chat(graph: graph).call("black_list_delete", sample.request)
    #expect(answer.text == sample.response)
    #expect(answer.callbacks.map(\.command) == [.blackListDelete])
    #expect(answer.pairs == ["id→id1", "id→id2"])
  }

  @Test("of friend_add: something fails inside for id2, id3 is another app's")
  func friendAdd() throws {
    let sample = try RESTSample("friend_add")
    var graph = RelationshipGraph()
    graph.accounts.set(failure: 30006, of: "id2")
    graph.accounts.addForeign("id3")
    let answer = Chat(graph: graph).call("friend_add", sample.request)
    #expect(answer.text == sample.response)
    #expect(
      answer.callbacks.map { String(decoding: $0.body, as: UTF8.self) } == [
        #"{"Admin_Account":"administrator","CallbackCommand":"Sns.CallbackFriendAdd","ClientCmd":"friend_add","#
          + #""ForceFlag":1,"PairList":[{"From_Account":"id","Initiator_Account":"id","To_Account":"id1"}]}"#
      ])
  }

  @Test("of friend_delete, but for the \"0\" of its ErrorInfo, which is taken for a slip")
  func friendDelete() throws {
    let sample = try RESTSample("friend_delete")
    var graph = RelationshipGraph()
    for account in ["id1", "id2", "id3"] as [AccountID] {
      graph.seedFriend(account, of: "id")
      graph.seedFriend("id", of: account)
    }
    let answer = Chat(graph: graph).call("friend_delete", sample.request)
    #expect(answer.text == sample.response.replacing(#""ErrorInfo":"0""#, with: #""ErrorInfo":"""#))
    #expect(answer.pairs == ["id→id1", "id1→id", "id→id2", "id2→id", "id→id3", "id3→id"])
  }
}
