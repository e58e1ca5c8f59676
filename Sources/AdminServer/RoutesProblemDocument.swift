import GatewayCore

/// One thing wrong with the routes file. Line and column are absent when the file as a whole is meant.
struct RoutesProblemDocument: Encodable, Hashable {
  let severity: String
  let file: String
  let line: Int?
  let column: Int?
  let message: String

  init(_ problem: RoutesProblem) {
    severity = problem.severity.rawValue
    file = problem.file
    line = problem.line
    column = problem.column
    message = problem.message
  }
}
