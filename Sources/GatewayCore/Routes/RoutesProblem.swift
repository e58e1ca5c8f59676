/// One thing wrong with the routes file.
package struct RoutesProblem: Hashable, Sendable, Encodable, CustomStringConvertible {
  package enum Severity: String, Hashable, Sendable, Encodable { case error, warning }

  package var severity: Severity
  package var file: String
  /// From 1; nil when the problem is with the file as a whole.
  package var line: Int?
  package var column: Int?
  /// One sentence: what is wrong and what to do.
  package var message: String

  package init(severity: Severity = .error, file: String, line: Int? = nil, column: Int? = nil, message: String) {
    self.severity = severity
    self.file = file
    self.line = line
    self.column = column
    self.message = message
  }

  /// `routes.yaml:12:5: error: …`
  package var description: String {
    let place = [file] + [line, column].compactMap { $0.map(String.init) }
    return place.joined(separator: ":") + ": \(severity.rawValue): \(message)"
  }
}
