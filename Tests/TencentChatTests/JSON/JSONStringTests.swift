import Foundation
import TencentChat
import Testing

@Suite struct JSONStringTests {
  private func decoded(_ literal: String) -> String {
    String(decoding: JSONString.decoded(Array(literal.utf8)[...]), as: UTF8.self)
  }

  @Test(
    "Escapes stand for their characters",
    arguments: [
      ("", ""), ("plain", "plain"), ("你", "你"), (#"\u4f60"#, "你"), (#"\u4F60x"#, "你x"), (#"\uD83D\uDE00"#, "😀"),
      (#"\"\\\/\b\f\n\r\t"#, "\"\\/\u{8}\u{C}\n\r\t"), (#"\u0000"#, "\u{0}"), (#"a\u0041b"#, "aAb"),
      (#"\uDBFF\uDFFF"#, "\u{10FFFF}"), (#"\\u0041"#, "\\u0041"),
    ])
  func escapes(literal: String, text: String) {
    #expect(decoded(literal) == text)
  }

  @Test(
    "A lone surrogate stands for no character",
    arguments: [
      (#"\uD800"#, "\u{FFFD}"), (#"\uDC00x"#, "\u{FFFD}x"), (#"\uD800\u0041"#, "\u{FFFD}A"),
      (#"\uD800\n"#, "\u{FFFD}\n"),
      (#"\uD83D\uD83D\uDE00"#, "\u{FFFD}😀"), (#"\uDE00\uD83D"#, "\u{FFFD}\u{FFFD}"),
    ])
  func loneSurrogates(literal: String, text: String) {
    #expect(decoded(literal) == text)
  }

  @Test("What is written reads back, here and in Foundation")
  func roundTrip() throws {
    let text = "a\"b\\c/d\n\r\t\u{0}\u{1F}\u{7F}é你😀\u{2028}|"
    let literal = JSONString.literal(text)
    #expect(literal.first == UInt8(ascii: "\"") && literal.last == UInt8(ascii: "\""))
    #expect(String(decoding: JSONString.decoded(literal.dropFirst().dropLast()), as: UTF8.self) == text)
    let parsed = try JSONSerialization.jsonObject(with: Data(literal), options: .fragmentsAllowed)
    #expect(parsed as? String == text)
  }

  @Test("A key matches what it stands for, and nothing else")
  func keys() {
    let matches = { (literal: String) in
      let bytes = Array(literal.utf8)
      return JSONKey("PairList").matches(ByteRange(0, bytes.count), in: bytes)
    }
    #expect(matches(#""PairList""#))
    #expect(matches(#""Pair\u004cist""#))
    #expect(matches(#""\u0050\u0061\u0069\u0072\u004c\u0069\u0073\u0074""#))
    for other in [#""pairlist""#, #""PairLists""#, #""PairLis""#, #""""#, #""PairLis\\""#, #""Pair\u004dist""#] {
      #expect(!matches(other))
    }
  }
}
