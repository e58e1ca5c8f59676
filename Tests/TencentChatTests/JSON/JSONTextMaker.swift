import GatewayCore

/// Makes JSON texts by chance, about half of them spoilt.
struct JSONTextMaker {
  private var generator: SplitMix64

  init(seed: UInt64) { generator = SplitMix64(seed: seed) }

  mutating func text() -> [UInt8] {
    var text = Array((space() + value(levels: 4) + space()).utf8)
    if Bool.random(using: &generator) {
      for _ in 0..<Int.random(in: 1...3, using: &generator) { spoil(&text) }
    }
    return text
  }

  /// An object with the keys that a callback has, in shapes that it may or may not have.
  mutating func callback() -> [UInt8] {
    let keys = [
      "PairList", "PairList", "CallbackCommand", "EventTime", "FriendItem", "From_Account", "Pair\\u004cist", "x",
    ]
    var members: [String] = []
    for _ in 0..<Int.random(in: 0...4, using: &generator) {
      let key = pick(keys)
      let isList = key.contains("ist") || key == "FriendItem"
      members.append("\"\(key)\":" + space() + (isList ? pairs() : value(levels: 2)))
    }
    return Array(("{" + members.joined(separator: ",") + "}").utf8)
  }

  private mutating func pairs() -> String {
    var items: [String] = []
    for _ in 0..<Int.random(in: 0...4, using: &generator) {
      let more = pick(["", "", "", ",\"To_Account\":\"b\"", ",\"x\":" + value(levels: 1)])
      let pair = "{\"To_Account\":" + string() + ",\"From_Account\" :" + string() + more + "}"
      items.append(pick([pair, pair, pair, pair, pair, pair, value(levels: 2)]))
    }
    return "[" + items.joined(separator: "," + space()) + "]"
  }

  private mutating func pick<Element>(_ choices: [Element]) -> Element {
    choices[Int.random(in: choices.indices, using: &generator)]
  }

  private mutating func space() -> String { pick(["", "", "", " ", "\n", "\t", "\r\n", "  "]) }

  private mutating func value(levels: Int) -> String {
    switch Int.random(in: 0..<(levels > 0 ? 8 : 4), using: &generator) {
    case 0: pick(["null", "true", "false"])
    case 1: number()
    case 2, 3: string()
    case 4, 5: "[" + list(levels) { $0.value(levels: levels - 1) } + "]"
    default: "{" + list(levels) { $0.string() + $0.space() + ":" + $0.space() + $0.value(levels: levels - 1) } + "}"
    }
  }

  private mutating func list(_ levels: Int, _ element: (inout Self) -> String) -> String {
    let count = Int.random(in: 0...3, using: &generator)
    var elements: [String] = []
    for _ in 0..<count { elements.append(space() + element(&self) + space()) }
    return count == 0 ? space() : elements.joined(separator: ",")
  }

  private mutating func number() -> String {
    pick(["", "-"]) + pick(["0", "7", "10", "1670574414123", "18446744073709551616", "123456789012345678901234567890"])
      + pick(["", "", ".0", ".25"]) + pick(["", "", "e0", "E+5", "e-12"])
  }

  private mutating func string() -> String {
    let pieces = [
      "a", "From_Account", "你", "é", "😀", "\u{7F}", "\u{10FFFF}", " ", "/", "\\\"", "\\\\", "\\/", "\\b", "\\f", "\\n",
      "\\r",
      "\\t", "\\u0041", "\\u4f60", "\\uD83D\\uDE00", "\\u0000", "\\uFFFF",
    ]
    var text = ""
    for _ in 0..<Int.random(in: 0...6, using: &generator) { text += pick(pieces) }
    return "\"" + text + "\""
  }

  private mutating func spoil(_ text: inout [UInt8]) {
    let place = Int.random(in: 0...text.count, using: &generator)
    switch Int.random(in: 0..<4, using: &generator) {
    case 0:
      text.insert(
        pick(Array("{}[]\":,\\u0019.-+eE tfn'/\u{0}\u{1F}\n\t".utf8) + [0x80, 0xC3, 0xE4, 0xED, 0xF0, 0xFF]), at: place)
    case 1 where place < text.count: text.remove(at: place)
    case 2 where place < text.count: text[place] = UInt8.random(in: 0...255, using: &generator)
    default: text.removeSubrange(place...)
    }
  }
}
