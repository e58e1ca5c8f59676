import GatewayCore

/// Replaces the references in a scalar by what they stand for, once: what comes out is not looked at again.
///
/// A variable that is set but empty counts as missing, and so does an empty file: a reference is never nothing.
struct ReferenceResolver {
  let session: LoadSession

  func resolve(_ text: String) -> SourceScalar.Value {
    guard text.contains("${") else { return .text(text) }
    do throws(BrokenReference) {
      let pieces = try ReferenceTemplate(text).pieces
      return .text(try pieces.map { piece throws(BrokenReference) in try value(of: piece) }.joined())
    } catch {
      return .missing(error.sentence)
    }
  }

  private func value(of piece: ReferenceTemplate.Piece) throws(BrokenReference) -> String {
    switch piece {
    case .text(let text):
      return text
    case .variable(let name, let fallback):
      if let value = session.environment[name], !value.isEmpty { return value }
      if let fallback { return fallback }
      throw BrokenReference(
        sentence: "the environment variable \"\(name)\" is not set or is empty; set it, or give a default as in "
          + "\"${\(name):-default}\"")
    case .file(let path):
      return try contents(of: path)
    }
  }

  private func contents(of path: String) throws(BrokenReference) -> String {
    var text: String
    do {
      text = try session.text(ofFileAt: session.folder.absolute(path), limit: RoutesLimits.referencedFileSize)
    } catch {
      throw BrokenReference(sentence: "the file \"\(path)\" that is referred to cannot be read: \(error.reason)")
    }
    // One line ending is the editor's, not the operator's. "\r\n" is one character.
    if text.last == "\n" || text.last == "\r\n" { text.removeLast() }
    guard !text.isEmpty else { throw BrokenReference(sentence: "the file \"\(path)\" that is referred to is empty") }
    return text
  }
}
