import GatewayCore
import OrderedCollections
import RoutesFile

/// What a check found.
struct CheckReport: Encodable {
  var isGood: Bool
  var apps: [String] = []
  var subscribers: [String] = []
  var decisions: [CheckedDecision] = []
  var problems: [RoutesProblem]
  /// Nil if it was not asked for, or the file is bad.
  var difference: CheckedDifference?
  /// One a problem, and one that counts them if there are errors.
  let lines: [String]

  var summary: String {
    let decided = decisions.isEmpty ? "" : ", decisions: \(decisions.count)"
    let counts = "ok; apps: \(apps.count), subscribers: \(subscribers.count)\(decided)"
    return ([counts] + (difference?.lines ?? [])).map(\.printable).joined(separator: "\n")
  }

  enum CodingKeys: String, CodingKey { case isGood = "ok", apps, subscribers, decisions, problems, difference }

  /// - Returns: What was found, and the routes if they are good.
  static func of(_ path: String, loader: RoutesLoader) -> (CheckReport, LoadedRoutes?) {
    do throws(RoutesRejected) {
      let loaded = try loader.load(path: path)
      return (CheckReport(of: loaded), loaded)
    } catch {
      return (CheckReport(isGood: false, problems: error.problems, lines: error.lines(path: path)), nil)
    }
  }
}

extension CheckReport {
  private init(of loaded: LoadedRoutes) {
    self.init(
      isGood: true, apps: loaded.routes.apps.keys.map(\.description),
      subscribers: Array(loaded.routes.subscribers.keys), decisions: loaded.routes.decisions.map(CheckedDecision.init),
      problems: loaded.warnings, lines: loaded.warnings.map(\.description))
  }
}

extension RoutesRejected {
  /// One a problem, and one that counts the errors.
  func lines(path: String) -> [String] {
    problems.map(\.description) + ["\(path) is bad; errors: \(problems.count { $0.severity == .error })"]
  }
}
