import Foundation
import Hummingbird

/// The query of a request that knows what it may be asked: nothing in it goes unread.
///
/// Split here and not by Hummingbird, which leaves names as they are written and takes what stands between two `&` for a
/// parameter without a name.
struct QueryParameters {
  private var values: [String: String] = [:]

  /// Throws a problem that names the parameter which is unknown, stands twice, or has a broken escape.
  init(_ request: Request, allowed: [String]) throws(Problem) {
    for piece in (request.uri.query ?? "").split(separator: "&") {
      var parts: [String] = []
      for part in piece.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false) {
        parts.append(try Self.decoded(part))
      }
      let (name, value) = (parts[0], parts.count > 1 ? parts[1] : "")
      guard allowed.contains(name) else {
        let names = allowed.isEmpty ? "none" : allowed.joined(separator: ", ")
        throw Problem(.badRequest, "There is no parameter \"\(name.shortened)\" here; this path takes \(names).")
      }
      guard values.updateValue(value, forKey: name) == nil else {
        throw Problem(.badRequest, "The parameter \(name) stands more than once; keep one.")
      }
    }
  }

  subscript(name: String) -> String? { values[name] }

  private static func decoded(_ text: Substring) throws(Problem) -> String {
    if let decoded = text.removingPercentEncoding { return decoded }
    throw Problem(
      .badRequest, "\"\(text)\" in the query cannot be decoded; write a \"%\" as %25, and other escapes in UTF-8.")
  }
}
