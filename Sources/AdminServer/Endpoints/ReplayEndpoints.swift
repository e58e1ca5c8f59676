import GatewayCore
import Hummingbird
import Logging

/// `/v1/replays`: sending history again.
struct ReplayEndpoints {
  private static let patterns = 100

  let delivery: any DeliveryControl
  let values: RequestValues
  let changes: ChangeLog
  let limits: AdminLimits

  @Sendable func create(_ request: Request, _ context: AdminRequestContext) async throws -> Response {
    let query = try QueryParameters(request, allowed: ["dry_run"])
    let isDryRun = try values.flag(query["dry_run"], of: "dry_run")
    let asked = try await asked(request)
    if isDryRun { return .json(ReplayPlanDocument(try await delivery.plan(asked))) }
    let started = try await delivery.startReplay(asked)
    note("replay started over the admin door", context, started)
    return .json(ReplayDocument(started), status: .created)
  }

  private func asked(_ request: Request) async throws -> ReplayRequest {
    let body = try await RequestBody(
      request, limits: limits, allowed: ["subscriber", "from", "to", "events", "rateLimit"])
    var asked = ReplayRequest(
      subscriber: try values.subscriber(body.required("subscriber")),
      from: try values.moment(body.required("from"), of: "from"))
    asked.to = try body.text("to").map { text throws(Problem) in try values.moment(text, of: "to") }
    for text in try body.texts("events", most: Self.patterns) ?? [] {
      asked.events.append(try values.pattern(text, of: "events"))
    }
    if let text = try body.text("rateLimit") {
      guard let limit = RateLimit(text: text) else {
        throw Problem(
          .badRequest, "rateLimit is a number of requests in a second, minute or hour, as in 50/s or 600/m.")
      }
      asked.rateLimit = limit
    }
    return asked
  }

  @Sendable func list(_ request: Request, _ context: AdminRequestContext) async throws -> Response {
    let query = try QueryParameters(request, allowed: ["subscriber", "limit", "cursor"])
    let subscriber = try query["subscriber"].map { text throws(Problem) in try values.subscriber(text) }
    let limit = try values.limit(query["limit"])
    let all = try await delivery.replays(of: subscriber)
    var start = 0
    if let cursor = query["cursor"] {
      guard let last = ReplayID(cursor) else { throw RequestValues.badCursor(cursor) }
      start = all.firstIndex { $0.replay.id == last }.map { $0 + 1 } ?? all.count
    }
    let page = all[start..<min(all.count, start + limit)]
    return .json(
      ReplaysDocument(
        replays: page.map(ReplayDocument.init),
        cursor: page.endIndex < all.count ? page.last?.replay.id.description : nil))
  }

  @Sendable func one(_ request: Request, _ context: AdminRequestContext) async throws -> Response {
    .json(ReplayDocument(try await delivery.replay(try id(context))))
  }

  @Sendable func pause(_ request: Request, _ context: AdminRequestContext) async throws -> Response {
    let paused = try await delivery.pauseReplay(try id(context))
    note("replay paused over the admin door", context, paused)
    return .json(ReplayDocument(paused))
  }

  @Sendable func resume(_ request: Request, _ context: AdminRequestContext) async throws -> Response {
    let resumed = try await delivery.resumeReplay(try id(context))
    note("replay resumed over the admin door", context, resumed)
    return .json(ReplayDocument(resumed))
  }

  @Sendable func cancel(_ request: Request, _ context: AdminRequestContext) async throws -> Response {
    let cancelled = try await delivery.cancelReplay(try id(context))
    note("replay cancelled over the admin door", context, cancelled)
    return .json(ReplayDocument(cancelled))
  }

  private func id(_ context: AdminRequestContext) throws -> ReplayID { try values.replay(context.parameter("id")) }

  private func note(_ message: Logger.Message, _ context: AdminRequestContext, _ status: ReplayStatus) {
    changes.note(
      message, context,
      [
        "replay": "\(status.replay.id)", "subscriber": "\(status.replay.subscriber)",
        "events": "\(status.replay.totalEvents)",
      ])
  }
}
