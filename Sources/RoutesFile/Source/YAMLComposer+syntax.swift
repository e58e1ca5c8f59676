import GatewayCore
import Yams

extension YAMLComposer {
  /// Reports why the text is not YAML: the parser's own words, with advice where they are known to puzzle.
  func report(_ error: YamlError) {
    switch error {
    case .scanner(let context, let problem, let mark, _), .parser(let context, let problem, let mark, _),
      .composer(let context, let problem, let mark, _):
      session.error(sentence(problem, context), at: location(mark))
    case .reader(let problem, let offset, _, let text):
      session.error("this is not YAML: \(problem)", at: location(ofCharacter: offset, in: text))
    case .duplicatedKeysInMapping(let duplicates, let context):
      report(repeated: duplicates, at: location(context.mark))
    default:
      session.error("the file cannot be parsed as YAML", at: SourceLocation(file: file))
    }
  }

  /// Reports keys of which only one place is known.
  func report(repeated keys: [String], at location: SourceLocation) {
    let names = keys.map { "\"\($0)\"" }.joined(separator: ", ")
    session.error("this mapping has \(names) more than once; keep one", at: location)
  }

  private func sentence(_ problem: String, _ context: YamlError.Context?) -> String {
    if problem.contains("another document") {
      return "the file holds more than one YAML document; remove the \"---\" and split it with \"include\""
    }
    let place = context.map { " (\($0.text), which starts at line \($0.mark.line))" } ?? ""
    let isAlias = problem.contains("alias") || context?.text.contains("alias") == true
    let advice =
      if isAlias {
        "; a text that starts with \"*\" or \"&\" must stand in quotes"
      } else if problem.contains("cannot start any token") {
        "; indent with spaces instead of tabs, and put a text that starts with a special character in quotes"
      } else {
        ""
      }
    return "this is not YAML: \(problem)\(place)\(advice)"
  }

  private func location(ofCharacter offset: Int?, in text: String) -> SourceLocation {
    guard let offset else { return SourceLocation(file: file) }
    let before = text.prefix(offset)
    let lineStart = before.lastIndex(where: \.isNewline).map { before.index(after: $0) } ?? before.startIndex
    return SourceLocation(
      file: file, line: before.count(where: \.isNewline) + 1,
      column: before[lineStart...].unicodeScalars.count + 1)
  }
}
