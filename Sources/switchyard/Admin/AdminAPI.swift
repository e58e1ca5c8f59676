/// The documents of the admin API as its client reads them: what commands show of them, and no more.
///
/// The names are those of `openapi.yaml`. States and outcomes are texts, so that one that a newer gateway has is shown and
/// not refused.
enum AdminAPI {
  /// An error, by RFC 9457.
  struct Problem: Decodable, Sendable {
    var title: String?
    var status: Int
    var detail: String?
    var problems: [RoutesProblem]?
  }

  /// One thing wrong with a routes file.
  struct RoutesProblem: Decodable, Sendable, CustomStringConvertible {
    var severity: String
    var file: String
    var line: Int?
    var column: Int?
    var message: String

    /// `routes.yaml:12:5: error: …`
    var description: String {
      let place = [file] + [line, column].compactMap { $0.map(String.init) }
      return place.joined(separator: ":") + ": \(severity): \(message)"
    }
  }
}
