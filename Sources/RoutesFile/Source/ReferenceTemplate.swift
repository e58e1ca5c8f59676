/// A scalar cut at its references: `${NAME}`, `${NAME:-default}` and `${file:PATH}`; `$${` stands for `${` itself.
struct ReferenceTemplate: Equatable {
  enum Piece: Equatable {
    case text(String)
    case variable(name: String, fallback: String?)
    case file(path: String)
  }

  let pieces: [Piece]

  init(_ text: String) throws(BrokenReference) {
    var pieces: [Piece] = []
    var literal = ""
    var rest = Substring(text)
    while let first = rest.first {
      if rest.hasPrefix("$${") {
        literal += "${"
        rest = rest.dropFirst(3)
      } else if rest.hasPrefix("${") {
        guard let end = rest.firstIndex(of: "}") else {
          throw BrokenReference(
            sentence: "a reference that starts with \"${\" has no \"}\"; close it, or write \"$${\" for a plain \"${\"")
        }
        if !literal.isEmpty { pieces.append(.text(literal)) }
        literal = ""
        pieces.append(try Self.reference(rest[..<end].dropFirst(2)))
        rest = rest[end...].dropFirst()
      } else {
        literal.append(first)
        rest = rest.dropFirst()
      }
    }
    if !literal.isEmpty { pieces.append(.text(literal)) }
    self.pieces = pieces
  }

  private static func reference(_ inside: Substring) throws(BrokenReference) -> Piece {
    if inside.hasPrefix("file:") {
      let path = inside.dropFirst("file:".count)
      guard !path.isEmpty else {
        throw BrokenReference(sentence: "\"${file:}\" names no file; write its path after the colon")
      }
      return .file(path: String(path))
    }
    let parts = inside.split(separator: ":-", maxSplits: 1, omittingEmptySubsequences: false)
    let name = parts.first ?? ""
    guard isName(name) else {
      throw BrokenReference(
        sentence: "a reference is ${NAME}, ${NAME:-default} or ${file:PATH}, with a name of letters, digits and \"_\"; "
          + "write \"$${\" for a plain \"${\"")
    }
    guard parts.count == 2 else { return .variable(name: String(name), fallback: nil) }
    guard !parts[1].isEmpty else {
      throw BrokenReference(sentence: "the default of \"${\(name):-}\" is empty; give it one or remove \":-\"")
    }
    return .variable(name: String(name), fallback: String(parts[1]))
  }

  private static func isName(_ text: Substring) -> Bool {
    guard let first = text.first, !("0"..."9").contains(first) else { return false }
    return text.utf8.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
        true
      default: false
      }
    }
  }
}

/// Why a reference stands for nothing, as a sentence.
struct BrokenReference: Error, Equatable {
  let sentence: String
}
