import GatewayCore
import Testing

@Suite("An event pattern")
struct EventPatternTests {
  @Test(
    "matches a short name, a full type or a command, exactly or by its beginning",
    arguments: [
      ("blocklist.added", true), ("blocklist.*", true), ("blocklist.deleted", false), ("*", true),
      ("com.tencent.chat.blocklist.added", true), ("com.tencent.chat.block*", true),
      ("com.tencent.chat.friend.*", false),
      ("com.*", true), ("com.tencent.chat.*", true), ("Sns.CallbackBlackListAdd", true), ("Sns.*", true),
      ("sns.*", false), ("block", false), ("com.tencent.chat.", false),
    ])
  func matches(text: String, isMatch: Bool) throws {
    let pattern = try #require(EventPattern(text))
    let type = EventType(rawValue: "blocklist.added")
    #expect(pattern.matches(type: type, command: "Sns.CallbackBlackListAdd") == isMatch)
  }

  @Test("has a star at its end only", arguments: ["", "a*b", "*.added", "**"])
  func refuses(text: String) { #expect(EventPattern(text) == nil) }
}
