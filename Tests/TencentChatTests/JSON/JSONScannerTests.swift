import TencentChat
import Testing

@Suite struct JSONScannerTests {
  /// The extent of a text's one value; nil if it is not valid.
  private func value(_ bytes: [UInt8]) -> ByteRange? {
    do {
      var scanner = try JSONScanner(bytes)
      let value = try scanner.skipValue()
      try scanner.finish()
      return value
    } catch {
      return nil
    }
  }

  private func isValid(_ text: String) -> Bool { value(Array(text.utf8)) != nil }

  private func reason(_ bytes: [UInt8]) -> JSONSyntaxError.Reason? {
    do {
      var scanner = try JSONScanner(bytes)
      try scanner.skipValue()
      try scanner.finish()
      return nil
    } catch {
      return error.reason
    }
  }

  @Test(
    "Every kind of value is read",
    arguments: [
      "null", "true", "false", "0", "-0", "10", "-1.5", "1e5", "1E+5", "0.0e-10", "\"\"", "\"a\"", "[]", "{}", "[[]]",
      "[1,2]", "{\"a\":1}", "{\"a\":1,\"b\":[true,null]}", "{\"a\":1,\"a\":2}", "{\"\":{}}", " \t\r\n1 \t\r\n",
      "[ 1 , 2 ]", "{ \"a\" : 1 , \"b\" : 2 }", "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\\uD83D\\ude00\"",
      "\"é你😀\u{10FFFF}\"",
      "\"\u{7F}\"", "\"\\u0000\"", "18446744073709551616", "1e999", "-0.000000000000000000000000000000000000000000001",
    ])
  func valid(text: String) {
    #expect(isValid(text))
  }

  @Test(
    "What the grammar does not have is refused",
    arguments: [
      "", " ", "nul", "nulll", "True", "NaN", "Infinity", "-", "+1", "01", "-01", ".5", "1.", "1.e5", "1e", "1e+",
      "0x1",
      "1_000", "'a'", "\"", "\"a", "\"\\\"", "\"\\x\"", "\"\\u12\"", "\"\\u12g4\"", "\"\\U0041\"", "\"a\nb\"",
      "\"a\tb\"",
      "\"\u{0}\"", "\"\u{1F}\"", "[", "]", "[1", "[1,", "[1,]", "[,1]", "[1 2]", "[1}", "{", "}", "{\"a\"", "{\"a\":",
      "{\"a\":1", "{\"a\":1,", "{\"a\":1,}", "{,}", "{\"a\" 1}", "{\"a\":1 \"b\":2}", "{a:1}", "{1:1}", "{\"a\":1]",
      "{\"a\":}", "{null:1}", "1 2", "{} {}", "{},", "[]\u{0}", "// a\n1", "/* a */1", "\u{B}1", "\u{C}1", "\u{A0}1",
      "\u{FEFF}1", "1\u{2028}",
    ])
  func invalid(text: String) {
    #expect(!isValid(text))
  }

  @Test(
    "UTF-8 must be well formed",
    arguments: [
      [0x80], [0xBF], [0xC0, 0x80], [0xC1, 0xBF], [0xC2], [0xC2, 0x41], [0xE0, 0x9F, 0xBF], [0xE1, 0x80],
      [0xED, 0xA0, 0x80],
      [0xEF, 0xBF], [0xF0, 0x8F, 0xBF, 0xBF], [0xF1, 0x80, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xF5, 0x80, 0x80, 0x80],
      [0xFF], [0xFE], [0xE4, 0xBD, 0x41], [0xF0, 0x9F, 0x98, 0xC0],
    ])
  func badUTF8(bytes: [UInt8]) {
    for padding in [0, 1, 6, 7, 8, 9, 20] {
      let text = Array("[\"".utf8) + [UInt8](repeating: 0x61, count: padding) + bytes + Array("\"]".utf8)
      #expect(reason(text) == .badUTF8)
    }
  }

  @Test("Every scalar's UTF-8 passes")
  func everyScalar() {
    var text: [UInt8] = [0x22]
    for number in (0x80...0x10_FFFF as ClosedRange<UInt32>) where number % 7 == 0 || number < 0x900 {
      if let scalar = UnicodeScalar(number) { text.append(contentsOf: Character(scalar).utf8) }
    }
    text.append(0x22)
    #expect(value(text) == ByteRange(0, text.count))
  }

  @Test("A special byte is found wherever it stands in a word")
  func placesInWord() {
    for length in 0..<40 {
      for place in 0..<length {
        for (byte, expected) in [(0x1F, .controlCharacter), (0x00, .controlCharacter), (0xFF, .badUTF8)]
          as [(UInt8, JSONSyntaxError.Reason)]
        {
          var text = Array("\"".utf8) + [UInt8](repeating: 0x7F, count: length) + Array("\"".utf8)
          text[1 + place] = byte
          #expect(reason(text) == expected)
        }
        var ended = Array("\"".utf8) + [UInt8](repeating: 0x21, count: length)
        ended[1 + place] = 0x22
        #expect(value(Array(ended[...(1 + place)])) == ByteRange(0, place + 2))
        #expect((reason(ended) == nil) == (place == length - 1))
      }
    }
  }

  @Test("Sixty-four levels are read and one more is refused")
  func depth() {
    for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
      let nested = { (levels: Int) in
        String(repeating: open, count: levels) + "1" + String(repeating: close, count: levels)
      }
      #expect(isValid(nested(64)))
      #expect(reason(Array(nested(65).utf8)) == .tooDeep)
      #expect(reason(Array(String(repeating: open, count: 1_000_000).utf8)) == .tooDeep)
    }
    #expect(isValid("[" + String(repeating: "[[]],", count: 1_000) + "[]]"))
  }

  @Test("A million keys are read, each where it stands")
  func manyKeys() throws {
    let text = Array(("{" + String(repeating: "\"k\":1,", count: 999_999) + "\"k\":1}").utf8)
    let body = try CallbackBody(text)
    #expect(body.members.count == 1_000_000)
    #expect(body.members.last?.value == ByteRange(text.count - 2, text.count - 1))
  }

  @Test("A number of a hundred thousand digits is read whole")
  func longNumber() {
    let text = Array((String(repeating: "9", count: 100_000) + "." + String(repeating: "1", count: 100_000)).utf8)
    #expect(value(text) == ByteRange(0, text.count))
  }

  @Test("A value's extent leaves out the space around it")
  func extent() {
    #expect(value(Array(" \r\n {\"a\" : [ 1 ]} \n".utf8)) == ByteRange(4, 17))
  }

  @Test("A sample cut short anywhere is refused", arguments: Sample.names + ["Sns.CallbackFriendDelete.both"])
  func truncated(name: String) throws {
    var text = try Sample.bytes(name)
    while text.last == 0x0A { text.removeLast() }
    #expect(value(text) != nil)
    for length in 0..<text.count { #expect(value(Array(text[..<length])) == nil) }
  }

  @Test("Line ends of any system are space")
  func lineEnds() {
    #expect(isValid("{\r\n\"a\":\r\n1,\r\"b\":\n2\r\n}\r\n"))
  }

  @Test("The walk tells keys and values apart and goes on behind what was skipped")
  func walk() throws {
    let text = Array(#" {"a" : [1, {"x":[]}, "s"] , "bA":{"c":null}} "#.utf8)
    var scanner = try JSONScanner(text)
    try scanner.enterObject()
    let first = try #require(try scanner.nextKey())
    #expect(String(decoding: text[first], as: UTF8.self) == "\"a\"")
    #expect(try scanner.peek() == UInt8(ascii: "["))
    try scanner.enterArray()
    var elements: [String] = []
    while try scanner.nextElement() { elements.append(String(decoding: text[try scanner.skipValue()], as: UTF8.self)) }
    #expect(elements == ["1", "{\"x\":[]}", "\"s\""])
    let second = try #require(try scanner.nextKey())
    #expect(JSONKey("bA").matches(second, in: text))
    #expect(String(decoding: text[try scanner.skipValue()], as: UTF8.self) == "{\"c\":null}")
    #expect(try scanner.nextKey() == nil)
    try scanner.finish()
  }
}
