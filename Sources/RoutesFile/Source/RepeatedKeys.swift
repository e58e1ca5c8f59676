import Yams

/// Parses a text in which mappings have keys more than once, and knows what those keys are.
///
/// Yams refuses such a text whole, at the first mapping in it, and says of one key where it stands first. Its first
/// character is then replaced by one of private use, and the text is parsed again, until no key repeats another. All
/// else keeps its line and column, so every repetition and every other problem is found in its place.
struct RepeatedKeys {
  /// What was written where a key was replaced.
  private(set) var names: [SourceLocation: String] = [:]
  private let file: String
  private var text: String
  private var replaced = 0

  init(_ text: String, file: String) {
    self.text = text
    self.file = file
  }

  /// The name of a key that was parsed as another.
  func name(of key: Node.Scalar, at location: SourceLocation) -> String { names[location] ?? key.string }

  /// Nil for a text without a document.
  mutating func compose() throws -> Node? {
    while true {
      do {
        // Without an encoding Yams asks the environment for one.
        return try Yams.compose(yaml: text, .basic, .default, .utf8)
      } catch let error as YamlError {
        guard case .duplicatedKeysInMapping(let keys, let context) = error, let key = keys.first,
          replace(key, at: context.mark)
        else { throw error }
      }
    }
  }

  /// False if the key does not stand there as it reads, because it has an anchor, say, or is escaped; or if there are
  /// too many.
  private mutating func replace(_ key: String, at mark: Mark) -> Bool {
    guard replaced < RoutesLimits.repeatedKeys, var first = index(of: mark),
      let substitute = Unicode.Scalar(Self.privateUse + UInt32(replaced))
    else { return false }
    var scalars = text.unicodeScalars
    if first < scalars.endIndex, ["\"", "'"].contains(scalars[first]) { first = scalars.index(after: first) }
    guard !key.isEmpty, scalars[first...].starts(with: key.unicodeScalars) else { return false }
    scalars.replaceSubrange(first...first, with: CollectionOfOne(substitute))
    text = String(scalars)
    replaced += 1
    let location = SourceLocation(file: file, line: mark.line, column: mark.column)
    // Replaced again if the text had such a character there.
    names[location] = names[location] ?? key
    return true
  }

  private func index(of mark: Mark) -> String.Index? {
    guard mark.line > 0, mark.column > 0 else { return nil }
    var start = text.startIndex
    for _ in 1..<mark.line {
      guard let end = text[start...].firstIndex(where: \.isNewline) else { return nil }
      start = text.index(after: end)
    }
    return text.unicodeScalars.index(start, offsetBy: mark.column - 1, limitedBy: text.endIndex)
  }

  /// Where Unicode's characters for private use start, each as good as any letter to YAML.
  private static let privateUse: UInt32 = 0xE000
}
