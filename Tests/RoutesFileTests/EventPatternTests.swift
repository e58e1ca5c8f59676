import Testing

@testable import RoutesFile

@Suite("Patterns of events")
struct EventPatternTests {
  private func problems(_ pattern: String) throws -> [String] {
    try RoutesFixture(
      """
      version: 1
      apps: [{sdkappid: 1400000000, tokens: [t]}]
      subscribers: [{name: a, url: "https://a.example", unsigned: true, events: ["\(pattern)"]}]
      """
    ).problems().map { $0.replacing("3:76: ", with: "") }
  }

  @Test(
    "short names, full types, commands and prefixes of them are taken",
    arguments: [
      "*", "blocklist.*", "blocklist.added", "com.tencent.chat.blocklist.added", "com.tencent.chat.*",
      "Sns.CallbackFriendAdd", "Sns.*", "Sns.CallbackBlack*", "callback", "com.tencent.chat.callback",
    ])
  func known(_ pattern: String) throws {
    #expect(try problems(pattern) == [])
  }

  @Test("an unknown exact command is a warning with a suggestion")
  func unknownCommand() throws {
    expect(
      try problems("Sns.CallbackFriendAd"),
      are: [
        #"3:76:warning: is no command that this version knows; did you mean "Sns.CallbackFriendAdd"?"#
      ]
    )
    expect(try problems("Future.Thing"), are: ["3:76:warning: is no command that this version knows"])
  }

  @Test("a name or prefix that matches nothing is an error with a suggestion")
  func unknownName() throws {
    #expect(
      try problems("blacklist.added") == [#""blacklist.added" matches no event; did you mean "blocklist.added"?"#])
    #expect(try problems("friends.*") == [#""friends.*" matches no event; did you mean "friend.*"?"#])
    #expect(try problems("Snd.*") == [#""Snd.*" matches no event; did you mean "Sns.*"?"#])
    #expect(try problems("quite.different") == [#""quite.different" matches no event"#])
  }

  @Test("a star stands at the end only")
  func starInside() throws {
    #expect(try problems("block*.added") == [#""block*.added" is not a pattern; "*" may stand at its end only"#])
  }
}
