import FuzzDriver
import GatewayCore

/// Every problem stands at a place that is in its file, and tells nothing that a reference stands for.
struct ProblemCheck {
  /// The lines of each file, and of each line how many scalars it has.
  private let lengths: [String: [Int]]
  private let hidden: [String]

  init(_ files: RoutesFiles) {
    let texts = files.named.compactMap { name, text in text.map { (RoutesFuzzFolder.shared[name], $0) } }
    lengths = Dictionary(uniqueKeysWithValues: texts.map { ($0.0, Self.lengths(ofLinesIn: $0.1)) })
    hidden = RoutesFuzzFolder.environment.values.filter { value in
      !value.isEmpty && !texts.contains { $0.1.contains(value) }
    }
  }

  func check(_ problems: [RoutesProblem]) {
    for problem in problems {
      require(isPlaced(problem), "a problem has its place", "\(problem)")
      require(!problem.message.isEmpty, "a problem is told")
      require(!hidden.contains { problem.message.contains($0) }, "a problem hides what references bring", "\(problem)")
    }
  }

  /// Just behind the end of a line is a place of its own. The end of a file whose last line does not end is the start of
  /// the next one to libyaml.
  private func isPlaced(_ problem: RoutesProblem) -> Bool {
    guard let line = problem.line else { return problem.column == nil }
    guard let lengths = lengths[problem.file] else { return false }
    if line == lengths.count + 1 { return problem.column == 1 }
    guard lengths.indices.contains(line - 1) else { return false }
    return problem.column.map { (1...lengths[line - 1] + 1).contains($0) } ?? true
  }

  /// Lines end where YAML 1.1 says that they do.
  private static func lengths(ofLinesIn text: String) -> [Int] {
    var lengths = [0]
    var before: Unicode.Scalar?
    // A byte order mark is not part of the text.
    for scalar in text.unicodeScalars.dropFirst(text.unicodeScalars.first == "\u{FEFF}" ? 1 : 0) {
      switch scalar {
      case "\n" where before == "\r": break
      case "\n", "\r", "\u{85}", "\u{2028}", "\u{2029}": lengths.append(0)
      default: lengths[lengths.count - 1] += 1
      }
      before = scalar
    }
    return lengths
  }
}
