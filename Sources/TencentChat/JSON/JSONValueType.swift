/// The type of a JSON value, told by its first byte.
package enum JSONValueType: Hashable, Sendable {
  case object, array, string, number, literal

  package init(firstByte: UInt8) {
    switch firstByte {
    case ASCII.leftBrace: self = .object
    case ASCII.leftBracket: self = .array
    case ASCII.quote: self = .string
    case ASCII.minus, ASCII.zero...ASCII.nine: self = .number
    default: self = .literal
    }
  }
}
