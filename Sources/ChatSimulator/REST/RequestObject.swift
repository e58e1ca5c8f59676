import TencentChat

/// A JSON object of a request's body, read by the names of its members.
///
/// Where a name stands twice the last counts. Members that nobody asks for are never refused.
struct RequestObject {
  private let bytes: [UInt8]
  private var members: [JSONMember] = []

  /// Reads a whole body and checks every byte of it.
  init(_ bytes: [UInt8]) throws(RESTError) {
    guard !bytes.isEmpty else { throw .emptyBody }
    self.bytes = bytes
    do {
      var scanner = try JSONScanner(bytes)
      try read(&scanner)
      try scanner.finish()
    } catch {
      throw .notJSON("it has \(error)")
    }
  }

  /// An object within a body that has been checked.
  private init(_ bytes: [UInt8], within range: ByteRange) throws(JSONSyntaxError) {
    self.bytes = bytes
    var scanner = JSONScanner(bytes, within: range)
    try read(&scanner)
  }

  /// - Returns: Nil where there is none.
  /// - Throws: 30001 where it is something else.
  func string(_ name: JSONKey) throws(RESTError) -> String? {
    guard let value = value(name) else { return nil }
    guard let text = Self.string(bytes, value) else { throw .badParameters("\(name) must be a string") }
    return text
  }

  /// A whole number written without a fraction; nil where there is none.
  func integer(_ name: JSONKey) throws(RESTError) -> Int? {
    guard let value = value(name) else { return nil }
    guard let number = Int(String(decoding: bytes[value], as: UTF8.self)) else {
      throw .badParameters("\(name) must be a whole number")
    }
    return number
  }

  func account(_ name: JSONKey) throws(RESTError) -> AccountID {
    guard let value = value(name) else { throw .badParameters("\(name) is missing") }
    guard let text = Self.string(bytes, value) else { throw .accountNotString("\(name)") }
    return AccountID(text)
  }

  /// An array of strings.
  func accounts(_ name: JSONKey) throws(RESTError) -> [AccountID] {
    try elements(name).map { value throws(RESTError) in
      guard let text = Self.string(bytes, value) else { throw .accountNotString("each of \(name)") }
      return AccountID(text)
    }
  }

  /// An array of objects.
  func objects(_ name: JSONKey) throws(RESTError) -> [RequestObject] {
    try elements(name).map { value throws(RESTError) in
      do {
        return try RequestObject(bytes, within: value)
      } catch {
        throw .badParameters("each of \(name) must be an object")
      }
    }
  }

  private func elements(_ name: JSONKey) throws(RESTError) -> [ByteRange] {
    guard let value = value(name) else { throw .badParameters("\(name) is missing") }
    var elements: [ByteRange] = []
    do {
      var scanner = JSONScanner(bytes, within: value)
      try scanner.enterArray()
      while try scanner.nextElement() { elements.append(try scanner.skipValue()) }
    } catch {
      throw .badParameters("\(name) must be an array")
    }
    return elements
  }

  private mutating func read(_ scanner: inout JSONScanner) throws(JSONSyntaxError) {
    try scanner.enterObject()
    while let key = try scanner.nextKey() {
      members.append(JSONMember(key: key, value: try scanner.skipValue()))
    }
  }

  private func value(_ name: JSONKey) -> ByteRange? { members.last { name.matches($0.key, in: bytes) }?.value }

  private static func string(_ bytes: [UInt8], _ value: ByteRange) -> String? {
    guard bytes[Int(value.start)] == UInt8(ascii: "\"") else { return nil }
    return String(decoding: JSONString.decoded(bytes[value.withoutQuotes]), as: UTF8.self)
  }
}
