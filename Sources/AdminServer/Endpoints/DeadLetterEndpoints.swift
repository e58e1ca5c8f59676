import GatewayCore
import Hummingbird
import Logging

/// `/v1/dead-letters`: what was given up.
struct DeadLetterEndpoints {
  private static let references = 1000
  private static let longestError = 200

  let delivery: any DeliveryControl
  let values: RequestValues
  let changes: ChangeLog
  let limits: AdminLimits

  @Sendable func list(_ request: Request, _ context: AdminRequestContext) async throws -> Response {
    let query = try QueryParameters(
      request, allowed: ["subscriber", "from", "to", "error", "limit", "cursor"])
    let selection = try selection(subscriber: query["subscriber"], query["from"], query["to"], query["error"])
    var after: DeadLetterID?
    if let cursor = query["cursor"] {
      guard let id = DeadLetterID(cursor) else { throw RequestValues.badCursor(cursor) }
      after = id
    }
    let limit = try values.limit(query["limit"])
    let page = try await delivery.deadLetters(DeadLetterQuery(selection: selection, limit: limit, after: after))
    return .json(DeadLettersDocument(page))
  }

  @Sendable func one(_ request: Request, _ context: AdminRequestContext) async throws -> Response {
    let reference = try values.deadLetter(context.parameter("id"))
    return .json(DeadLetterStoryDocument(try await delivery.deadLetter(reference)))
  }

  @Sendable func replay(_ request: Request, _ context: AdminRequestContext) async throws -> Response {
    let selection = try await selection(request)
    let action = try await delivery.replay(selection)
    note("dead letters replayed over the admin door", context, selection, action)
    return .json(DeadLetterActionDocument(action))
  }

  @Sendable func discard(_ request: Request, _ context: AdminRequestContext) async throws -> Response {
    let selection = try await selection(request)
    let action = try await delivery.discard(selection)
    note("dead letters discarded over the admin door", context, selection, action)
    return .json(DeadLetterActionDocument(action))
  }

  private func note(
    _ message: Logger.Message, _ context: AdminRequestContext, _ selection: DeadLetterSelection,
    _ action: DeadLetterAction
  ) {
    changes.note(
      message, context,
      [
        "subscriber": "\(selection.subscriber ?? "-")", "dead_letters": "\(action.deadLetters)",
        "events": "\(action.events)",
      ])
  }

  /// What a change is to be made to: never everything by leaving all out.
  private func selection(_ request: Request) async throws -> DeadLetterSelection {
    let body = try await RequestBody(
      request, limits: limits, allowed: ["ids", "subscriber", "from", "to", "error"])
    var selection = try selection(
      subscriber: body.text("subscriber"), body.text("from"), body.text("to"), body.text("error"))
    if let ids = try body.texts("ids", most: Self.references) {
      var references: [DeadLetterReference] = []
      for id in ids { references.append(try values.deadLetter(id)) }
      selection.references = references
    }
    guard !selection.isEmpty else {
      throw Problem(.badRequest, "Say which: by \"ids\", \"subscriber\", \"from\", \"to\" or \"error\".")
    }
    return selection
  }

  private func selection(subscriber: String?, _ from: String?, _ to: String?, _ error: String?) throws(Problem)
    -> DeadLetterSelection
  {
    var selection = DeadLetterSelection()
    selection.subscriber = try subscriber.map { text throws(Problem) in try values.subscriber(text) }
    selection.from = try from.map { text throws(Problem) in try values.moment(text, of: "from") }
    selection.to = try to.map { text throws(Problem) in try values.moment(text, of: "to") }
    selection.error = try error.map { text throws(Problem) in
      try values.text(text, of: "error", longest: Self.longestError)
    }
    return selection
  }
}
