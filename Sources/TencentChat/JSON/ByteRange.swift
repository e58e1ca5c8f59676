/// Where a piece of a text lies in its bytes, half open. Small, because a batch keeps several for each event.
package struct ByteRange: Hashable, Sendable {
  package let start: UInt32
  package let end: UInt32

  package init(_ start: Int, _ end: Int) {
    self.start = UInt32(start)
    self.end = UInt32(end)
  }

  /// Stands for "not there": no JSON value is empty.
  package static let none = ByteRange(0, 0)

  package var isEmpty: Bool { start == end }
  package var count: Int { Int(end - start) }
  package var indices: Range<Int> { Int(start)..<Int(end) }

  /// A string literal's text between its quotes.
  package var withoutQuotes: ByteRange { ByteRange(Int(start) + 1, Int(end) - 1) }
}

extension [UInt8] {
  package subscript(range: ByteRange) -> ArraySlice<UInt8> { self[range.indices] }
}
