/// Walks over a JSON text from left to right, checks every byte of it, and says where its values lie.
///
/// It builds nothing: the caller steps into what it wants to know (`enterObject` and `nextKey`, `enterArray` and
/// `nextElement`) and over the rest (`skipValue`), and at last calls `finish`. A caller that has done so without an error
/// has read exactly one value that is valid by RFC 8259.
///
/// - After `nextKey`, and after a `nextElement` that said true, exactly one value must be entered or skipped.
/// - Numbers may have any length. Keys may stand twice. The escape of a lone surrogate (`\uD800`) is accepted, because
///   the grammar allows it; UTF-8 must be well formed, and a byte order mark is refused.
/// - Once it has thrown, a scanner is of no more use.
package struct JSONScanner {
  /// How deep arrays and objects may lie in each other.
  package static let maximumDepth = 64

  private let bytes: [UInt8]
  private let end: Int
  private var position: Int
  private var depth = 0
  /// Whether the innermost array or object has just been entered: its first member comes without a comma.
  private var isFresh = false

  package init(_ bytes: [UInt8]) throws(JSONSyntaxError) {
    guard bytes.count < Int(UInt32.max) else { throw JSONSyntaxError(.tooLong, at: Int(UInt32.max)) }
    self.bytes = bytes
    position = 0
    end = bytes.count
  }

  /// Walks over one value of a text that has been scanned before.
  package init(_ bytes: [UInt8], within range: ByteRange) {
    self.bytes = bytes
    position = Int(range.start)
    end = Int(range.end)
  }

  /// The first byte of what comes next, which tells its type.
  package mutating func peek() throws(JSONSyntaxError) -> UInt8 {
    skipSpace()
    guard position < end else { throw JSONSyntaxError(.unexpectedEnd, at: position) }
    return bytes[position]
  }

  package mutating func enterObject() throws(JSONSyntaxError) { try enter(ASCII.leftBrace) }

  /// The next key of the object entered last, quotes included; nil at the object's end, which is left thereby.
  package mutating func nextKey() throws(JSONSyntaxError) -> ByteRange? {
    guard try hasNext(before: ASCII.rightBrace) else { return nil }
    guard try peek() == ASCII.quote else { throw unexpectedByte }
    let start = position
    try skipString()
    let key = ByteRange(start, position)
    guard try peek() == ASCII.colon else { throw unexpectedByte }
    position += 1
    return key
  }

  package mutating func enterArray() throws(JSONSyntaxError) { try enter(ASCII.leftBracket) }

  /// Whether the array entered last has another element; at its end it is left.
  package mutating func nextElement() throws(JSONSyntaxError) -> Bool { try hasNext(before: ASCII.rightBracket) }

  /// Steps over a value with all that is in it, and says where it lies, without the space around it.
  @discardableResult
  package mutating func skipValue() throws(JSONSyntaxError) -> ByteRange {
    let first = try peek()
    let start = position
    switch first {
    case ASCII.quote: try skipString()
    case ASCII.leftBrace:
      try enterObject()
      while try nextKey() != nil { try skipValue() }
    case ASCII.leftBracket:
      try enterArray()
      while try nextElement() { try skipValue() }
    case ASCII.minus, ASCII.zero...ASCII.nine: try skipNumber()
    case UInt8(ascii: "t"): try skipLiteral("true")
    case UInt8(ascii: "f"): try skipLiteral("false")
    case UInt8(ascii: "n"): try skipLiteral("null")
    default: throw unexpectedByte
    }
    return ByteRange(start, position)
  }

  /// Checks that nothing but space comes after the value.
  package mutating func finish() throws(JSONSyntaxError) {
    skipSpace()
    guard position == end else { throw unexpectedByte }
  }

  /// Where the scanner stands: just after what was read last.
  package var offset: Int { position }

  private var unexpectedByte: JSONSyntaxError { JSONSyntaxError(.unexpectedByte, at: position) }

  private mutating func skipSpace() {
    while position < end, bytes[position] <= ASCII.space {
      switch bytes[position] {
      case ASCII.space, ASCII.tab, ASCII.lineFeed, ASCII.carriageReturn: position += 1
      default: return
      }
    }
  }

  private mutating func enter(_ bracket: UInt8) throws(JSONSyntaxError) {
    guard try peek() == bracket else { throw unexpectedByte }
    guard depth < Self.maximumDepth else { throw JSONSyntaxError(.tooDeep, at: position) }
    depth += 1
    position += 1
    isFresh = true
  }

  private mutating func hasNext(before bracket: UInt8) throws(JSONSyntaxError) -> Bool {
    let byte = try peek()
    if byte == bracket {
      position += 1
      depth -= 1
      isFresh = false
      return false
    }
    if isFresh {
      isFresh = false
      return true
    }
    guard byte == ASCII.comma else { throw unexpectedByte }
    position += 1
    return true
  }
}

extension JSONScanner {
  private mutating func skipLiteral(_ literal: StaticString) throws(JSONSyntaxError) {
    for index in 0..<literal.utf8CodeUnitCount {
      guard position < end else { throw JSONSyntaxError(.unexpectedEnd, at: position) }
      guard bytes[position] == literal.utf8Start[index] else { throw unexpectedByte }
      position += 1
    }
  }

  private mutating func skipNumber() throws(JSONSyntaxError) {
    if bytes[position] == ASCII.minus { position += 1 }
    if position < end, bytes[position] == ASCII.zero { position += 1 } else { try skipDigits() }
    if position < end, bytes[position] == ASCII.period {
      position += 1
      try skipDigits()
    }
    if position < end, bytes[position] | ASCII.lowerCaseBit == UInt8(ascii: "e") {
      position += 1
      if position < end, bytes[position] == ASCII.plus || bytes[position] == ASCII.minus { position += 1 }
      try skipDigits()
    }
  }

  /// At least one.
  private mutating func skipDigits() throws(JSONSyntaxError) {
    guard position < end else { throw JSONSyntaxError(.unexpectedEnd, at: position) }
    guard ASCII.isDigit(bytes[position]) else { throw unexpectedByte }
    while position < end, ASCII.isDigit(bytes[position]) { position += 1 }
  }

  private mutating func skipString() throws(JSONSyntaxError) {
    position += 1
    while true {
      position = endOfPlainWords()
      guard position < end else { throw JSONSyntaxError(.unexpectedEnd, at: position) }
      let byte = bytes[position]
      switch byte {
      case ASCII.quote:
        position += 1
        return
      case ASCII.backslash: try skipEscape()
      case 0..<ASCII.space: throw JSONSyntaxError(.controlCharacter, at: position)
      case 0x80...: try skipMultibyteScalar(lead: byte)
      default: position += 1
      }
    }
  }

  /// Looks at text eight bytes at a time, up to the first byte that needs a closer look (or the last seven of all).
  ///
  /// The top bit of each byte of `marks` says whether the byte needs one. Borrows can spoil the bytes above the lowest
  /// mark, never that mark itself, and no other is used.
  private func endOfPlainWords() -> Int {
    let every: UInt64 = 0x0101_0101_0101_0101
    let text = bytes.span.bytes
    var next = position
    while next + 8 <= end {
      let word = UInt64(littleEndian: text.unsafeLoadUnaligned(fromByteOffset: next, as: UInt64.self))
      let quotes = word ^ (every &* UInt64(ASCII.quote))
      let backslashes = word ^ (every &* UInt64(ASCII.backslash))
      let special = (quotes &- every) & ~quotes | (backslashes &- every) & ~backslashes
      let controls = (word &- every &* UInt64(ASCII.space)) & ~word
      let marks = (special | controls | word) & (every &* 0x80)
      guard marks == 0 else { return next + marks.trailingZeroBitCount / 8 }
      next += 8
    }
    return next
  }

  private mutating func skipEscape() throws(JSONSyntaxError) {
    guard position + 1 < end else { throw JSONSyntaxError(.unexpectedEnd, at: end) }
    switch bytes[position + 1] {
    case ASCII.quote, ASCII.backslash, UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"), UInt8(ascii: "n"),
      UInt8(ascii: "r"), UInt8(ascii: "t"):
      position += 2
    case UInt8(ascii: "u"):
      guard position + 6 <= end else { throw JSONSyntaxError(.unexpectedEnd, at: end) }
      for index in position + 2..<position + 6 where ASCII.hexValue(bytes[index]) == nil {
        throw JSONSyntaxError(.badEscape, at: index)
      }
      position += 6
    default: throw JSONSyntaxError(.badEscape, at: position + 1)
    }
  }

  /// By table 3-7 of the Unicode standard: no overlong forms, no surrogates, nothing above U+10FFFF.
  private mutating func skipMultibyteScalar(lead: UInt8) throws(JSONSyntaxError) {
    let second: ClosedRange<UInt8>
    let length: Int
    switch lead {
    case 0xC2...0xDF: (second, length) = (0x80...0xBF, 2)
    case 0xE0: (second, length) = (0xA0...0xBF, 3)
    case 0xED: (second, length) = (0x80...0x9F, 3)
    case 0xE1...0xEF: (second, length) = (0x80...0xBF, 3)
    case 0xF0: (second, length) = (0x90...0xBF, 4)
    case 0xF1...0xF3: (second, length) = (0x80...0xBF, 4)
    case 0xF4: (second, length) = (0x80...0x8F, 4)
    default: throw JSONSyntaxError(.badUTF8, at: position)
    }
    guard position + length <= end else { throw JSONSyntaxError(.unexpectedEnd, at: end) }
    guard second.contains(bytes[position + 1]) else { throw JSONSyntaxError(.badUTF8, at: position) }
    for index in position + 2..<position + length where bytes[index] & 0xC0 != 0x80 {
      throw JSONSyntaxError(.badUTF8, at: position)
    }
    position += length
  }
}
