import ChatSimulator
import GatewayCore
import Testing

@Suite("A seed file")
struct SeedTests {
  private static let apps: Set = [AppID(rawValue: 1), AppID(rawValue: 2)]
  private static let empty = RelationshipGraph(accounts: AccountDirectory(unlistedExist: false))

  private func graphs(_ text: String, maxEntries: Int = 100) throws -> [AppID: RelationshipGraph] {
    try WorldSeed(Array(text.utf8)).graphs(of: Self.apps, from: Self.empty, maxEntries: maxEntries).named
  }

  @Test("has an account a line, for every app or for one")
  func lines() throws {
    let graphs = try graphs(
      """
      {"account":"id","blocks":["id2"],"friends":["id4"]}

      {"account":"id3","foreign":true}\r
      {"account":"asks","requests":"confirm","fails":30006,"app":1}
      """)
    var first = try #require(graphs[AppID(rawValue: 1)])
    let second = try #require(graphs[AppID(rawValue: 2)])
    #expect(first.isBlocked("id2", by: "id") && first.isFriend("id4", of: "id") && !first.isFriend("id", of: "id4"))
    #expect(first.accounts.standing(of: "id2") == .known)
    #expect(first.accounts.standing(of: "id3") == .foreign)
    #expect(first.accounts.standing(of: "id9") == .unknown)
    #expect(first.accounts.requests(to: "asks") == .confirm)
    #expect(first.perform(.blackListAdd(from: "id", to: ["asks"])).codes == [30006])
    #expect(second.accounts.standing(of: "asks") == .unknown && second.isBlocked("id2", by: "id"))
  }

  @Test("is for every app there could be, but for the lines of one, where none are given")
  func anyApp() throws {
    let text = "{\"account\":\"id\",\"blocks\":[\"a\"]}\n{\"account\":\"id\",\"blocks\":[\"b\"],\"app\":7}\n"
    let start = try WorldSeed(Array(text.utf8)).graphs(of: nil, from: Self.empty)
    let named = try #require(start.named[AppID(rawValue: 7)])
    #expect(named.isBlocked("a", by: "id") && named.isBlocked("b", by: "id"))
    #expect(start.others.isBlocked("a", by: "id") && !start.others.isBlocked("b", by: "id"))
    #expect(start.named.count == 1)
  }

  @Test(
    "is refused with its line and what to do",
    arguments: [
      ("id", "it is not a JSON object; write one account a line, such as {\"account\":\"id\"}"),
      ("[]", "it is not a JSON object; write one account a line, such as {\"account\":\"id\"}"),
      ("{}", "\"account\" is missing; name the account"),
      (
        #"{"account":"a","freinds":[]}"#,
        "there is no key \"freinds\"; the keys are account, app, foreign, requests, fails, friends, blocks"
      ),
      (#"{"account":7}"#, "\"account\" must be a string"),
      (#"{"account":""}"#, "an account must have 1 to 32 bytes"),
      (#"{"account":"a","foreign":1}"#, "\"foreign\" must be true or false"),
      (#"{"account":"a","requests":"maybe"}"#, "\"requests\" must be one of accept, confirm, refuse"),
      (#"{"account":"a","fails":7}"#, "\"fails\" must be from 30001 to 39999"),
      (#"{"account":"a","friends":"b"}"#, "\"friends\" must be a list of accounts"),
      (#"{"account":"a","app":3}"#, "app 3 is not simulated; give it with --sdkappid"),
      (#"{"account":"a","friends":["b","c"],"blocks":["d"]}"#, "more than 5 friends and blocks; give fewer"),
    ])
  func refused(line: String, reason: String) throws {
    let error = try #require(throws: SeedError.self) {
      try graphs("{\"account\":\"first\"}\n\n\(line)\n", maxEntries: 5)
    }
    #expect(error.description == "line 3: \(reason)")
  }
}
