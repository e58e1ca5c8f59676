import ChatSimulator
import TencentChat
import Testing

@Suite("Friend lists")
struct FriendTests {
  private typealias Item = FriendAddition.Item

  private func addition(
    _ accounts: [AccountID], from: AccountID = "a", _ type: FriendAddition.AddType = .both, isForced: Bool = false
  ) -> RelationshipCall {
    .friendAdd(FriendAddition(from: from, items: accounts.map { Item($0) }, type: type, isForced: isForced))
  }

  @Test("grow on both sides, or on one")
  func both() {
    var graph = RelationshipGraph()
    #expect(graph.perform(addition(["b"])).changes == ["a→b", "b→a"])
    #expect(graph.perform(addition(["c"], .single)).changes == ["a→c"])
    #expect(graph.isFriend("a", of: "b") && !graph.isFriend("a", of: "c"))
    #expect(graph.perform(addition(["b", "c"], .single)).codes == [30001, 30001])
    #expect(graph.perform(addition(["b", "c"])).codes == [30001, 0], "one side was missing")
    #expect(graph.isFriend("a", of: "c"))
  }

  @Test("stay as they are where either side has blocked the other, forced or not", arguments: [false, true])
  func blocked(isForced: Bool) {
    var graph = RelationshipGraph()
    graph.seedBlocked("b", of: "a")
    graph.seedBlocked("a", of: "c")
    let outcome = graph.perform(addition(["b", "c"], isForced: isForced))
    #expect(outcome.codes == [30515, 30525])
    #expect(outcome.pairs.isEmpty && graph.entryCount == 2)
  }

  @Test("wait for an account that confirms, and for one that refuses in vain, unless an administrator forces it")
  func requests() {
    var graph = RelationshipGraph()
    graph.accounts.set(.confirm, of: "b")
    graph.accounts.set(.refuse, of: "c")
    #expect(graph.perform(addition(["b", "c"])).codes == [30539, 30516])
    #expect(graph.entryCount == 0)
    #expect(graph.perform(addition(["b", "c"], .single)).codes == [0, 0], "nobody is asked")
    #expect(graph.perform(addition(["b", "c"], isForced: true)).codes == [0, 0])
    #expect(graph.isFriend("a", of: "b"))
  }

  @Test("hold three thousand accounts, on either side")
  func full() {
    var graph = RelationshipGraph()
    for number in 1...3000 {
      graph.seedFriend(AccountID("u\(number)"), of: "a")
      graph.seedFriend(AccountID("v\(number)"), of: "b")
    }
    #expect(graph.perform(addition(["b", "u1"])).codes == [30010, 0], "u1 is there already")
    #expect(graph.perform(addition(["b"], from: "c")).codes == [30014])
    #expect(graph.perform(addition(["b"], from: "c", .single)).codes == [0])
  }

  @Test("want a source with one to eight letters")
  func source() {
    var graph = RelationshipGraph()
    let sources = [
      "AddSource_Type_XXXXXXXX", "AddSource_Type_Android", "AddSource_Type_TooLongOne", "AddSource_Type_",
      "Android", "AddSource_Type_A1",
    ]
    let items = sources.enumerated().map { Item(AccountID("u\($0.offset)"), source: $0.element) }
    let outcome = graph.perform(.friendAdd(FriendAddition(from: "a", items: items)))
    #expect(outcome.codes == [0, 0, 30001, 30001, 30001, 30001])
  }

  @Test("lose one side or both, and say who was no friend")
  func delete() {
    var graph = RelationshipGraph()
    _ = graph.perform(addition(["b", "c", "d"]))
    #expect(graph.perform(.friendDelete(from: "a", to: ["b", "x"], .single)).codes == [0, 31704])
    #expect(graph.isFriend("a", of: "b") && !graph.isFriend("b", of: "a"))
    let outcome = graph.perform(.friendDelete(from: "a", to: ["b", "c", "c"], .both))
    #expect(outcome.codes == [0, 0, 31704])
    #expect(outcome.changes == ["b→a", "a→c", "c→a"], "only the directions that there were")
    #expect(graph.entryCount == 2)
  }
}
