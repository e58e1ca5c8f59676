/// A JSON value that is made up to be posted: written compactly and with sorted keys, as captures show Tencent's.
indirect enum OutgoingJSON: Hashable, Sendable {
  case string(String)
  case number(Int64)
  case array([OutgoingJSON])
  case object([String: OutgoingJSON])

  /// Strings keep their bytes, apart from the escapes that JSON demands.
  func append(to json: inout [UInt8]) {
    switch self {
    case .string(let text): json += JSONString.literal(text)
    case .number(let number): json += Array(String(number).utf8)
    case .array(let values):
      json.append(ASCII.leftBracket)
      for (index, value) in values.enumerated() {
        if index > 0 { json.append(ASCII.comma) }
        value.append(to: &json)
      }
      json.append(ASCII.rightBracket)
    case .object(let members):
      json.append(ASCII.leftBrace)
      for (index, member) in members.sorted(by: { $0.key < $1.key }).enumerated() {
        if index > 0 { json.append(ASCII.comma) }
        json += JSONString.literal(member.key)
        json.append(ASCII.colon)
        member.value.append(to: &json)
      }
      json.append(ASCII.rightBrace)
    }
  }
}

extension OutgoingJSON: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral {
  init(stringLiteral text: String) { self = .string(text) }
  init(integerLiteral number: Int64) { self = .number(number) }
}
