/// The name of a member to look for, ready to be compared with keys as they stand in a text.
package struct JSONKey: Hashable, Sendable, ExpressibleByStringLiteral, CustomStringConvertible {
  private let utf8: [UInt8]

  package init(_ text: some StringProtocol) { utf8 = Array(text.utf8) }

  package init(stringLiteral text: String) { self.init(text) }

  package var description: String { String(decoding: utf8, as: UTF8.self) }

  /// Whether a key, quotes included, says this name; escapes count as what they stand for.
  package func matches(_ key: ByteRange, in bytes: [UInt8]) -> Bool {
    let text = key.withoutQuotes
    if text.count < utf8.count { return false }
    if text.count == utf8.count { return stands(at: text.indices.lowerBound, in: bytes) }
    return bytes[text].contains(ASCII.backslash) && JSONString.decoded(bytes[text]) == utf8
  }

  private func stands(at start: Int, in bytes: [UInt8]) -> Bool {
    for (offset, byte) in utf8.enumerated() where bytes[start + offset] != byte { return false }
    return true
  }
}
