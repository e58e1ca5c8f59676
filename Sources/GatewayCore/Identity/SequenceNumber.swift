/// An event's place in the journal, from 1: dense, and visible in order.
///
/// A batch of n events takes n consecutive numbers. As a cursor it names the next event: all below it are behind.
package struct SequenceNumber: Hashable, Sendable, Comparable, RawRepresentable, CustomStringConvertible {
  package let rawValue: Int64

  package init(rawValue: Int64) { self.rawValue = rawValue }

  /// Where an empty journal begins.
  package static let first = SequenceNumber(rawValue: 1)

  package var description: String { String(rawValue) }

  package static func < (left: SequenceNumber, right: SequenceNumber) -> Bool { left.rawValue < right.rawValue }

  package static func + (left: SequenceNumber, count: Int) -> SequenceNumber {
    SequenceNumber(rawValue: left.rawValue + Int64(count))
  }

  /// How many numbers lie between the two.
  package static func - (left: SequenceNumber, right: SequenceNumber) -> Int {
    Int(left.rawValue - right.rawValue)
  }
}
