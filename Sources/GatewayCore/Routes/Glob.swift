/// A pattern for a whole text: `*` stands for any run of characters, also none, `?` for one character, and everything
/// else for itself.
///
/// Texts are compared as they are: case counts, and so does how an accented letter is composed. A character is a Unicode
/// scalar.
package struct Glob: Hashable, Sendable {
  private let pattern: [UInt8]

  package init(_ text: String) { pattern = Array(text.utf8) }

  package var text: String { String(decoding: pattern, as: UTF8.self) }

  /// Takes at most time in proportion to the text's length times the pattern's, whatever they are: after a mismatch only
  /// the last `*` takes more, because an earlier one could gain nothing by it.
  ///
  /// - Parameter text: In UTF-8.
  package func matches(_ text: [UInt8]) -> Bool {
    var (place, next) = (0, 0)
    var star: (place: Int, next: Int)?
    while place < text.count {
      if next < pattern.count, pattern[next] == Self.anyRun {
        next += 1
        if next == pattern.count { return true }
        star = (place, next)
      } else if next < pattern.count, pattern[next] == Self.anyCharacter {
        place = Self.end(ofCharacterAt: place, in: text)
        next += 1
      } else if next < pattern.count, pattern[next] == text[place] {
        place += 1
        next += 1
      } else if let last = star {
        place = Self.end(ofCharacterAt: last.place, in: text)
        next = last.next
        star = (place, next)
      } else {
        return false
      }
    }
    return pattern[next...].allSatisfy { $0 == Self.anyRun }
  }

  private static let anyRun = UInt8(ascii: "*")
  private static let anyCharacter = UInt8(ascii: "?")

  private static func end(ofCharacterAt place: Int, in text: [UInt8]) -> Int {
    var end = place + 1
    while end < text.count, UTF8.isContinuation(text[end]) { end += 1 }
    return end
  }
}
