import ChatSimulator
import TencentChat
import Testing

@Suite("Blocklists")
struct BlackListTests {
  private func befriended() -> RelationshipGraph {
    var graph = RelationshipGraph()
    graph.seedFriend("b", of: "a")
    graph.seedFriend("a", of: "b")
    return graph
  }

  @Test("end a friendship in both directions, and do not bring it back")
  func dissolves() {
    var graph = befriended()
    let added = graph.perform(.blackListAdd(from: "a", to: ["b"]))
    #expect(added.changes == ["a→b"])
    #expect(added.dissolved.map(\.from) == ["a", "b"])
    #expect(!graph.isFriend("b", of: "a") && !graph.isFriend("a", of: "b"))
    #expect(graph.perform(.blackListDelete(from: "a", to: ["b"])).codes == [0])
    #expect(!graph.isFriend("b", of: "a") && !graph.isBlocked("b", by: "a"))
  }

  @Test("are one-sided")
  func oneSided() {
    var graph = RelationshipGraph()
    #expect(graph.perform(.blackListAdd(from: "a", to: ["b"])).codes == [0])
    #expect(graph.isBlocked("b", by: "a") && !graph.isBlocked("a", by: "b"))
    #expect(graph.perform(.blackListAdd(from: "b", to: ["a"])).codes == [0])
  }

  @Test("hold a thousand accounts, and say of which the next would be one too many")
  func full() {
    var graph = RelationshipGraph()
    let accounts = (1...1000).map { AccountID("u\($0)") }
    #expect(graph.perform(.blackListAdd(from: "a", to: accounts)).pairs.count == 1000)
    #expect(graph.perform(.blackListAdd(from: "a", to: ["u7", "u1001"])).codes == [30001, 30013])
    #expect(graph.perform(.blackListDelete(from: "a", to: ["u7"])).codes == [0])
    #expect(graph.perform(.blackListAdd(from: "a", to: ["u1001", "u1002"])).codes == [0, 30013])
    #expect(graph.entryCount == 1000)
  }

  @Test("judge each row: oneself, a repetition, too long a name, unknown, foreign, not on the list")
  func rows() {
    var accounts = AccountDirectory(unlistedExist: false)
    for known in ["a", "b"] as [AccountID] { accounts.add(known) }
    accounts.addForeign("x")
    var graph = RelationshipGraph(accounts: accounts)
    let long = AccountID(String(repeating: "长", count: 11))
    let outcome = graph.perform(.blackListAdd(from: "a", to: ["a", "b", "b", long, "", "c", "x"]))
    #expect(outcome.codes == [30001, 0, 30001, 30001, 30001, 30003, 30002])
    #expect(outcome.changes == ["a→b"])
    #expect(graph.perform(.blackListDelete(from: "a", to: ["b", "b", "c"])).codes == [0, 30001, 30003])
  }

  @Test("tell accounts apart that only look alike")
  func bytes() {
    var graph = RelationshipGraph()
    let outcome = graph.perform(.blackListAdd(from: "a", to: ["\u{E9}", "e\u{301}"]))
    #expect(outcome.codes == [0, 0])
    #expect(outcome.pairs.map { Array($0.to.utf8) } == [[0xC3, 0xA9], [0x65, 0xCC, 0x81]])
  }
}
