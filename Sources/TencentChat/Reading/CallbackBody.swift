/// A callback's body, found to be one JSON object in UTF-8: its top-level members, in order.
package struct CallbackBody: Sendable {
  package static let commandKey: JSONKey = "CallbackCommand"

  package let bytes: [UInt8]
  package let members: [JSONMember]

  /// Checks every byte, also of what nobody asks for.
  package init(_ bytes: [UInt8]) throws(JSONSyntaxError) {
    self.bytes = bytes
    var members: [JSONMember] = []
    var scanner = try JSONScanner(bytes)
    try scanner.enterObject()
    while let key = try scanner.nextKey() {
      members.append(JSONMember(key: key, value: try scanner.skipValue()))
    }
    try scanner.finish()
    self.members = members
  }

  /// The values of all members with this key: more than one if it stands twice.
  package func values(of key: JSONKey) -> [ByteRange] {
    members.lazy.filter { key.matches($0.key, in: bytes) }.map(\.value)
  }

  package func type(of value: ByteRange) -> JSONValueType { JSONValueType(firstByte: bytes[Int(value.start)]) }

  /// What a string stands for, or a number's digits as they came; nil for anything else.
  package func text(of value: ByteRange) -> [UInt8]? {
    if value.isEmpty { return nil }
    return switch type(of: value) {
    case .string: JSONString.decoded(bytes[value.withoutQuotes])
    case .number: Array(bytes[value])
    case .object, .array, .literal: nil
    }
  }
}
