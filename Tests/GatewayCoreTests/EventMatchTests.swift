import GatewayCore
import Testing

@Suite("A match")
struct EventMatchTests {
  private static let match = EventMatch([
    EventMatch.Condition(field: .from, globs: [Glob("admin"), Glob("bot-*")]),
    EventMatch.Condition(field: .to, globs: [Glob("id?")]),
  ])

  @Test(
    "holds when each field has a text that one of its globs matches",
    arguments: [
      (["from": "admin", "to": "id1"], true), (["from": "bot-7", "to": "id2", "group": "g"], true),
      (["from": "admin", "to": "id12"], false), (["from": "alice", "to": "id1"], false),
    ])
  func fields(event: [String: String], holds: Bool) {
    #expect(Self.match.holds { event[$0.rawValue].map { Array($0.utf8) } } == holds)
  }

  @Test("an absent field matches nothing, not even a star; an empty one does")
  func absent() {
    let match = EventMatch([EventMatch.Condition(field: .group, globs: [Glob("*")])])
    #expect(!match.holds { _ in nil })
    #expect(match.holds { _ in [] })
  }
}
