import GatewayCore
import Synchronization
import TencentChat

/// Answers the REST calls of all apps, each app with relationships of its own. May be called from any thread.
package final class RESTEndpoint: Sendable {
  /// Entries of all friend lists and blocklists together, some 100 bytes each. A call that comes when there are as many
  /// is refused.
  package static let maxEntries = 5_000_000
  /// Apps with relationships.
  package static let maxApps = 1000

  private struct State {
    var graphs: [AppID: RelationshipGraph]
    var counter = CallCounter()
    var entryCount: Int
  }

  private let rules: RESTRules
  private let maxEntries: Int
  private let maxApps: Int
  /// What an app begins with that has no graph yet.
  private let template: RelationshipGraph
  private let state: Mutex<State>

  /// - Parameter start: What the apps begin with.
  package init(
    rules: RESTRules, start: StartingGraphs = StartingGraphs(), maxEntries: Int = maxEntries, maxApps: Int = maxApps
  ) {
    self.rules = rules
    self.maxEntries = maxEntries
    self.maxApps = maxApps
    template = start.others
    let entryCount = start.named.values.reduce(0) { $0 + $1.entryCount }
    state = Mutex(State(graphs: start.named, entryCount: entryCount))
  }

  /// - Parameter now: For the limit of calls a second; never earlier than in the call before.
  package func answer(_ request: RESTRequest, now: ContinuousClock.Instant = .now) -> RESTAnswer {
    var answer = RESTAnswer(clientIP: request.clientIP)
    do throws(RESTError) {
      try fill(&answer, request, now)
    } catch {
      answer.error = error
    }
    return answer
  }

  /// Takes one check after the other; what is known by then stays when one fails.
  private func fill(
    _ answer: inout RESTAnswer, _ request: RESTRequest, _ now: ContinuousClock.Instant
  ) throws(RESTError) {
    guard let command = RESTCommand(path: request.path) else { throw .unknownPath(request.path) }
    answer.command = command
    guard request.method == "POST" else { throw .notPOST }
    let query = try RESTQuery(request.query, apps: rules.apps, administrators: rules.administrators)
    answer.appID = query.appID
    try takeIn(query.appID)
    try admit(query.appID, command, now)
    let call = try RelationshipCall(command, RequestObject(request.body), deleteType: rules.choices.deleteType)
    answer.from = call.from
    let outcome = try perform(call, query.appID)
    answer.rows = outcome.rows
    answer.callbacks = rules.choices.callbacks(of: command, outcome, friending: Self.friending(call, query))
  }

  private static func friending(_ call: RelationshipCall, _ query: RESTQuery) -> PairCallback.Friending? {
    guard case .friendAdd(let addition) = call else { return nil }
    return PairCallback.Friending(admin: query.identifier, isForced: addition.isForced)
  }

  /// An app that calls for the first time begins like the others.
  private func takeIn(_ appID: AppID) throws(RESTError) {
    try state.withLock { state throws(RESTError) in
      guard state.graphs[appID] == nil else { return }
      guard state.graphs.count < maxApps else { throw .tooManyApps(limit: maxApps) }
      state.graphs[appID] = template
      state.entryCount += template.entryCount
    }
  }

  private func admit(_ appID: AppID, _ command: RESTCommand, _ now: ContinuousClock.Instant) throws(RESTError) {
    guard let limit = rules.callsPerSecond else { return }
    guard state.withLock({ $0.counter.admit(appID, command, limit: limit, now: now) }) else {
      throw .tooManyCalls(limit: limit)
    }
  }

  /// All rows of a call are judged before another call's are.
  private func perform(_ call: RelationshipCall, _ appID: AppID) throws(RESTError) -> CallOutcome {
    try state.withLock { state throws(RESTError) in
      guard state.entryCount < maxEntries else { throw .full(limit: maxEntries) }
      // Taken out, so that it is changed in place.
      var graph = state.graphs.removeValue(forKey: appID) ?? template
      defer { state.graphs[appID] = graph }
      switch graph.accounts.standing(of: call.from) {
      case .known: break
      case .foreign: throw .foreignAccount
      case .unknown: throw .unknownAccount
      }
      state.entryCount -= graph.entryCount
      defer { state.entryCount += graph.entryCount }
      return graph.perform(call)
    }
  }
}
