import GatewayCore
import Testing

@Suite("A glob")
struct GlobTests {
  @Test(
    "matches a whole text",
    arguments: [
      ("id1", "id1", true), ("id1", "id12", false), ("id1", "xid1", false), ("id1", "", false),
      ("ID1", "id1", false), ("*", "", true), ("*", "anything", true), ("**", "", true), ("?", "", false),
      ("?", "a", true), ("?", "ab", false), ("??", "ab", true), ("a*", "a", true), ("a*", "ba", false),
      ("*a", "ba", true), ("*a", "ab", false), ("a*c", "abc", true), ("a*c", "ac", true), ("a*c", "acb", false),
      ("a*b*c", "a-b-b-c", true), ("a*b*c", "a-c-b", false), ("*ab", "aab", true), ("*aab", "aaaab", true),
      ("a?c*", "abcdef", true), ("?*", "", false), ("*?", "a", true), ("*??", "é", false), ("*?", "é", true),
      ("user-*-bot", "user-1-bot-2-bot", true), ("user-*-bot", "user-bot", false), ("*a*", "bcd", false),
    ])
  func wholeText(pattern: String, text: String, isMatch: Bool) {
    #expect(Glob(pattern).matches(Array(text.utf8)) == isMatch)
  }

  @Test("gives no other character a meaning", arguments: ["[ab]", "a.c", "@TGS#1", #"\*"#, "{a,b}", "^a$", "a+"])
  func literals(pattern: String) {
    #expect(Glob(pattern).matches(Array(pattern.utf8)))
    for text in ["a", "abc", "aa", "b", "*"] { #expect(!Glob(pattern).matches(Array(text.utf8))) }
  }

  @Test(
    "takes a character as a whole, however many bytes it has",
    arguments: [
      ("?", "é", true), ("?", "用", true), ("?", "😀", true), ("??", "é", false), ("??", "用户", true), ("用?", "用户", true),
      ("*户", "用户", true), ("é", "e\u{301}", false), ("?", "e\u{301}", false), ("*é*", "aéb", true), ("*?é", "é", false),
    ])
  func characters(pattern: String, text: String, isMatch: Bool) {
    #expect(Glob(pattern).matches(Array(text.utf8)) == isMatch)
  }

  @Test("is another one where only the composition of a letter differs")
  func composition() {
    #expect(Glob("é") != Glob("e\u{301}"))
    #expect(Glob("a*").text == "a*")
  }

  @Test("does not try every way in which its stars could be filled", .timeLimit(.minutes(1)))
  func manyStars() {
    let pattern = Glob(String(repeating: "a*", count: 60) + "b")
    #expect(!pattern.matches(Array(repeating: UInt8(ascii: "a"), count: 20_000)))
    #expect(pattern.matches(Array(repeating: UInt8(ascii: "a"), count: 20_000) + [UInt8(ascii: "b")]))
  }
}
