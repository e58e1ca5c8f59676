import GatewayCore

/// A parameter of a statement, as PostgreSQL's binary format has it.
struct PostgresValue: Sendable {
  /// Object ids of types, which every PostgreSQL has.
  enum TypeID: UInt32 {
    case bool = 16
    case bytea = 17
    case int8 = 20
    case text = 25
    case boolArray = 1000
    case byteaArray = 1001
    case textArray = 1009
    case int8Array = 1016
  }

  let type: TypeID
  /// Nil is NULL.
  let bytes: [UInt8]?

  private init(_ type: TypeID, _ bytes: [UInt8]?) {
    self.type = type
    self.bytes = bytes
  }

  static func int(_ value: Int64?) -> PostgresValue { PostgresValue(.int8, value.map(Self.bytes)) }
  static func int(_ value: Int) -> PostgresValue { int(Int64(value)) }
  static func text(_ value: String?) -> PostgresValue { PostgresValue(.text, value.map { Self.bytes($0) }) }
  static func bytes(_ value: [UInt8]?) -> PostgresValue { PostgresValue(.bytea, value) }
  static func bool(_ value: Bool) -> PostgresValue { PostgresValue(.bool, [value ? 1 : 0]) }

  static func ints(_ values: some Collection<Int64?>) -> PostgresValue {
    PostgresValue(.int8Array, array(values, of: .int8) { bytes, value in bytes += Self.bytes(value) })
  }

  static func ints(_ values: some Collection<SequenceNumber>) -> PostgresValue { ints(values.map(\.rawValue)) }

  static func texts(_ values: [String?]?) -> PostgresValue {
    PostgresValue(.textArray, values.map { array($0, of: .text) { bytes, value in bytes += Self.bytes(value) } })
  }

  static func blobs(_ values: some Collection<[UInt8]?>) -> PostgresValue {
    PostgresValue(.byteaArray, array(values, of: .bytea) { bytes, value in bytes += value })
  }

  static func bools(_ values: some Collection<Bool>) -> PostgresValue {
    PostgresValue(
      .boolArray, array(values.map(Optional.some), of: .bool) { bytes, value in bytes.append(value ? 1 : 0) })
  }

  private static func bytes(_ value: Int64) -> [UInt8] { withUnsafeBytes(of: value.bigEndian, Array.init) }

  /// PostgreSQL holds no NUL in a text: the character that stands for what cannot be shown takes its place.
  private static func bytes(_ value: String) -> [UInt8] {
    value.utf8.contains(0) ? Array(value.replacing("\0", with: "\u{FFFD}").utf8) : Array(value.utf8)
  }

  /// One dimension, counted from 1; each element with its length before it.
  private static func array<Element>(
    _ values: some Collection<Element?>, of type: TypeID, _ append: (inout [UInt8], Element) -> Void
  ) -> [UInt8] {
    var bytes: [UInt8] = []
    let hasNulls = values.contains { $0 == nil }
    bytes.append(word: values.isEmpty ? 0 : 1)
    bytes.append(word: hasNulls ? 1 : 0)
    bytes.append(word: Int32(type.rawValue))
    guard !values.isEmpty else { return bytes }
    bytes.append(word: Int32(values.count))
    bytes.append(word: 1)
    for value in values {
      guard let value else {
        bytes.append(word: -1)
        continue
      }
      let place = bytes.count
      bytes.append(word: 0)
      append(&bytes, value)
      let length = Int32(bytes.count - place - MemoryLayout<Int32>.size)
      withUnsafeBytes(of: length.bigEndian) { bytes.replaceSubrange(place..<(place + $0.count), with: $0) }
    }
    return bytes
  }
}

extension [UInt8] {
  fileprivate mutating func append(word: Int32) { Swift.withUnsafeBytes(of: word.bigEndian) { append(contentsOf: $0) } }
}
