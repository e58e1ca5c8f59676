import ChatSimulator
import TencentChat
import Testing

@Suite("What the documents leave open")
struct ChoicesTests {
  private func befriended(_ choices: SimulatorChoices) -> Chat {
    var graph = RelationshipGraph()
    graph.seedFriend("b", of: "a")
    graph.seedFriend("a", of: "b")
    return Chat(graph: graph, choices: choices)
  }

  private static let friend =
    #"{"From_Account":"a","AddFriendItem":[{"To_Account":"c","AddSource":"AddSource_Type_A"}]}"#

  @Test("is done in the plainest way by default")
  func defaults() {
    let chat = befriended(SimulatorChoices())
    #expect(chat.call("friend_add", Self.friend).pairs == ["a→c"])
    let answer = chat.call("black_list_add", Chat.pairs("a", ["b"]))
    #expect(answer.callbacks.map(\.command) == [.blackListAdd])
    #expect(chat.call("black_list_add", Chat.pairs("a", ["b"])).callbacks.isEmpty, "no row has succeeded")
    #expect(chat.call("friend_delete", Chat.pairs("a", ["c"])).pairs == ["a→c"])
  }

  @Test("can be a callback for the friendship that a block ends")
  func dissolved() {
    var choices = SimulatorChoices()
    choices.postsDissolvedFriendships = true
    let answer = befriended(choices).call("black_list_add", Chat.pairs("a", ["b", "c"]))
    #expect(answer.callbacks.map(\.command) == [.blackListAdd, .friendDelete])
    #expect(answer.pairs == ["a→b", "a→c", "a→b", "b→a"])
  }

  @Test("can be a callback without pairs")
  func empty() {
    var choices = SimulatorChoices()
    choices.postsEmptyCallbacks = true
    let answer = befriended(choices).call("black_list_delete", Chat.pairs("a", ["b"]))
    #expect(
      answer.callbacks.map { String(decoding: $0.body, as: UTF8.self) } == [
        #"{"CallbackCommand":"Sns.CallbackBlackListDelete","PairList":[]}"#
      ])
  }

  @Test("can be deletion on both sides, and new friends told of twice")
  func mirrored() {
    var choices = SimulatorChoices()
    choices.deleteType = .both
    choices.mirrorsAdditions = true
    let chat = befriended(choices)
    #expect(chat.call("friend_add", Self.friend).callbacks.first?.pairs.map(\.initiator) == ["a", "a"])
    #expect(chat.call("friend_delete", Chat.pairs("a", ["c"])).pairs == ["a→c", "c→a"])
    let single = Chat.pairs("a", ["b"], #","DeleteType":"Delete_Type_Single""#)
    #expect(chat.call("friend_delete", single).pairs == ["a→b"])
  }

  @Test("can be several callbacks for one call")
  func chunks() {
    var choices = SimulatorChoices()
    choices.pairsPerCallback = 2
    let answer = Chat(choices: choices).blackListAdd(["b", "c", "d", "e", "f"])
    #expect(answer.callbacks.map { $0.pairs.map(\.to) } == [["b", "c"], ["d", "e"], ["f"]])
  }
}
