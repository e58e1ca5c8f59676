/// An account's UserID, the same only to the byte: Swift's strings are equal where two spellings look alike.
package struct AccountID: Hashable, Sendable, ExpressibleByStringLiteral, CustomStringConvertible {
  /// In UTF-8.
  package static let maxBytes = 32

  package let name: String

  package init(_ name: String) { self.name = name }

  package init(stringLiteral name: String) { self.name = name }

  package var description: String { name }

  /// Whether it has a length that Tencent takes.
  var isWellFormed: Bool { (1...Self.maxBytes).contains(name.utf8.count) }

  package static func == (left: AccountID, right: AccountID) -> Bool { left.name.utf8.elementsEqual(right.name.utf8) }

  package func hash(into hasher: inout Hasher) {
    var name = name
    name.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
    // No text has this byte: it ends the name.
    hasher.combine(UInt8.max)
  }
}
