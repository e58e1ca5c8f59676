/// The two texts in which metrics are served.
package enum ExpositionFormat: Hashable, Sendable {
  /// Prometheus text 0.0.4.
  case text
  /// OpenMetrics 1.0.
  case openMetrics

  package var contentType: String {
    switch self {
    case .text: "text/plain; version=0.0.4; charset=utf-8"
    case .openMetrics: "application/openmetrics-text; version=1.0.0; charset=utf-8"
    }
  }

  /// What an `Accept` header asks for: OpenMetrics when it is named there with at least the weight of plain text.
  package init(accept: String?) {
    let ranges = (accept ?? "").split(separator: ",").map(MediaRange.init)
    let openMetrics = ranges.filter(\.isOpenMetrics).map(\.weight).max() ?? 0
    let text = ranges.filter(\.isText).map(\.weight).max() ?? 0
    self = openMetrics > 0 && openMetrics >= text ? .openMetrics : .text
  }
}

/// One entry of an `Accept` header (RFC 9110, section 12.5.1).
private struct MediaRange {
  let type: String
  let parameters: [String: String]

  init(_ text: Substring) {
    let parts = text.split(separator: ";").map { $0.filter { !$0.isWhitespace }.lowercased() }
    type = parts.first ?? ""
    parameters = parts.dropFirst().reduce(into: [:]) { parameters, part in
      let pair = part.split(separator: "=", maxSplits: 1)
      if pair.count == 2 { parameters[String(pair[0])] = String(pair[1]) }
    }
  }

  /// Without a version any is meant; of those named only the one that is served counts.
  var isOpenMetrics: Bool {
    type == "application/openmetrics-text" && parameters["version", default: "1.0.0"] == "1.0.0"
  }

  var isText: Bool { type == "text/plain" }

  var weight: Double { parameters["q"].map { Double($0) ?? 0 } ?? 1 }
}
