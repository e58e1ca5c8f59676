import GatewayCore

/// A place in a file, lines and columns from 1; columns count Unicode scalars.
struct SourceLocation: Hashable, Sendable, CustomStringConvertible {
  var file: String
  var line: Int?
  var column: Int?

  func problem(_ severity: RoutesProblem.Severity, _ message: String) -> RoutesProblem {
    RoutesProblem(severity: severity, file: file, line: line, column: column, message: message)
  }

  /// `routes.yaml:12`: enough to find it by.
  var description: String { line.map { "\(file):\($0)" } ?? file }
}
