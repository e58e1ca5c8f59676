import ArgumentParser
import Foundation
import GatewayCore
import OrderedCollections
import RoutesFile

/// `switchyard check`: validates a routes file without serving it.
struct CheckCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check", abstract: "Validates a routes file: every problem at once, with its line and column.",
    discussion: "Problems go to standard error. Exits with 78 if anything is wrong; warnings alone are no error.")

  @Argument(help: "The routes file.")
  var routes = "routes.yaml"

  @Flag(help: "Print what was found as JSON.")
  var json = false

  func run() throws {
    let report = CheckReport(of: routes, loader: .standard())
    if json {
      try LineWriter.standardOutput.print(try report.jsonLine())
    } else {
      for line in report.lines { LineWriter.standardError.tell(line) }
      if report.isGood { try LineWriter.standardOutput.print(report.summary) }
    }
    if !report.isGood { throw ExitStatus.configuration }
  }
}

/// What a check found.
struct CheckReport: Encodable {
  var isGood: Bool
  var apps: [String]
  var subscribers: [String]
  var decisions: [CheckedDecision]
  var problems: [RoutesProblem]
  /// One a problem, and one that counts them if there are errors.
  let lines: [String]

  var summary: String {
    let decided = decisions.isEmpty ? "" : ", decisions: \(decisions.count)"
    return "ok; apps: \(apps.count), subscribers: \(subscribers.count)\(decided)"
  }

  enum CodingKeys: String, CodingKey { case isGood = "ok", apps, subscribers, decisions, problems }

  init(of path: String, loader: RoutesLoader) {
    do throws(RoutesRejected) {
      let loaded = try loader.load(path: path)
      isGood = true
      apps = loaded.routes.apps.keys.map(\.description)
      subscribers = Array(loaded.routes.subscribers.keys)
      decisions = loaded.routes.decisions.map(CheckedDecision.init)
      problems = loaded.warnings
      lines = loaded.warnings.map(\.description)
    } catch {
      isGood = false
      apps = []
      subscribers = []
      decisions = []
      problems = error.problems
      lines = error.lines(path: path)
    }
  }
}

extension RoutesRejected {
  /// One a problem, and one that counts the errors.
  func lines(path: String) -> [String] {
    problems.map(\.description) + ["\(path) is bad; errors: \(problems.count { $0.severity == .error })"]
  }
}
