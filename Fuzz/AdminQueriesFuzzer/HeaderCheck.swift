import Foundation
import FuzzDriver
import PrometheusMetrics

@testable import AdminServer

/// The headers that say who asks and for what.
enum HeaderCheck {
  /// Only what is called a bearer's has a token, and the token is a piece of it.
  static func check(authorization: String) {
    let request = AccessRequest(isChange: false, authorization: authorization)
    guard let token = request.bearerToken else { return }
    let words = authorization.utf8.split(separator: UInt8(ascii: " "), maxSplits: 1)
    let scheme = words.first.map { String(decoding: $0, as: UTF8.self).lowercased() }
    require(scheme == "bearer" && words.count == 2, "only a bearer has a token", authorization)
    require(authorization.utf8.suffix(words[1].count).contains(token.utf8), "the token stands in the header", token)
  }

  /// OpenMetrics goes to nobody who does not name it.
  static func check(accept: String) {
    guard ExpositionFormat(accept: accept) == .openMetrics else { return }
    let folded = accept.filter { !$0.isWhitespace }.lowercased()
    require(folded.contains("application/openmetrics-text"), "OpenMetrics is asked for", accept)
  }
}
