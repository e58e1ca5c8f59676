/// Tells a well-formed request line with a method that the parser does not know from bytes that are no HTTP at all.
enum UnknownMethod {
  /// The path of the request whose first bytes these are, if they begin with a whole and well-formed request line.
  static func path(ofRequestStarting bytes: some Collection<UInt8>) -> String? {
    let words = bytes.prefix { $0 != carriageReturn && $0 != lineFeed }
      .split(separator: blank, omittingEmptySubsequences: false)
    guard words.count == 3, !words[0].isEmpty, words[0].allSatisfy(isMethodCharacter),
      words[1].first == UInt8(ascii: "/"), words[2].elementsEqual("HTTP/1.1".utf8)
    else { return nil }
    return String(decoding: words[1].prefix { $0 != UInt8(ascii: "?") }, as: UTF8.self)
  }

  private static let blank = UInt8(ascii: " ")
  private static let carriageReturn = UInt8(ascii: "\r")
  private static let lineFeed = UInt8(ascii: "\n")

  private static func isMethodCharacter(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_")
  }
}
