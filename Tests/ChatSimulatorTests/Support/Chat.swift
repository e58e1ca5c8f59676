import ChatSimulator
import Foundation
import GatewayCore
import TencentChat

/// A REST API for one test: calls by an administrator unless the test says otherwise.
struct Chat {
  static let app = AppID(rawValue: 1_400_000_000)
  static let query =
    "sdkappid=1400000000&identifier=administrator&usersig=xxx&random=99999999&contenttype=json"

  let endpoint: RESTEndpoint

  init(
    graph: RelationshipGraph = RelationshipGraph(), choices: SimulatorChoices = SimulatorChoices(),
    callsPerSecond: Int? = nil, maxEntries: Int = RESTEndpoint.maxEntries
  ) {
    var rules = RESTRules(apps: [Self.app, AppID(rawValue: 1_400_000_001)], administrators: ["administrator", "管理员"])
    rules.callsPerSecond = callsPerSecond
    rules.choices = choices
    endpoint = RESTEndpoint(rules: rules, start: StartingGraphs(named: [Self.app: graph]), maxEntries: maxEntries)
  }

  func call(
    _ command: String, _ body: String, query: String = query, method: String = "POST",
    now: ContinuousClock.Instant = .now
  ) -> RESTAnswer {
    endpoint.answer(
      RESTRequest(
        method: method, path: "/v4/sns/" + command, query: query, body: Array(body.utf8), clientIP: "203.0.113.7"),
      now: now)
  }

  func blackListAdd(_ accounts: [String], from: String = "id") -> RESTAnswer {
    call("black_list_add", Self.pairs(from, accounts))
  }

  static func pairs(_ from: String, _ accounts: [String], _ rest: String = "") -> String {
    let list = accounts.map { "\"\($0)\"" }.joined(separator: ",")
    return "{\"From_Account\":\"\(from)\",\"To_Account\":[\(list)]\(rest)}"
  }
}

extension RESTAnswer {
  var text: String { String(decoding: body, as: UTF8.self) }
  /// The rows' codes, 0 for success.
  var codes: [Int] { rows.map { $0.failure?.code ?? 0 } }
  /// The pairs of all callbacks, as `id→id1`.
  var pairs: [String] { callbacks.flatMap(\.pairs).map { "\($0.from)→\($0.to)" } }
}

extension CallOutcome {
  var codes: [Int] { rows.map { $0.failure?.code ?? 0 } }
  var changes: [String] { pairs.map { "\($0.from)→\($0.to)" } }
}
