import GatewayCore
import Hummingbird

/// `/v1/events`: searching what is retained, and one event's story.
struct EventEndpoints {
  let delivery: any DeliveryControl
  let values: RequestValues

  @Sendable func search(_ request: Request, _ context: AdminRequestContext) async throws -> Response {
    let query = try QueryParameters(
      request, allowed: ["from", "to", "type", "app", "account", "limit", "cursor"])
    var asked = EventQuery(limit: try values.limit(query["limit"]))
    asked.from = try query["from"].map { text throws(Problem) in try values.moment(text, of: "from") }
    asked.to = try query["to"].map { text throws(Problem) in try values.moment(text, of: "to") }
    asked.pattern = try query["type"].map { text throws(Problem) in try values.pattern(text, of: "type") }
    asked.app = try query["app"].map { text throws(Problem) in try values.app(text) }
    asked.account = try query["account"].map { text throws(Problem) in
      try values.text(text, of: "account", longest: 256)
    }
    if let cursor = query["cursor"] {
      guard let number = cursor.wholeNumber, number > 0 else { throw RequestValues.badCursor(cursor) }
      asked.position = SequenceNumber(rawValue: Int64(number))
    }
    return .json(EventsDocument(try await delivery.events(asked)))
  }

  @Sendable func story(_ request: Request, _ context: AdminRequestContext) async throws -> Response {
    let story = try await delivery.story(of: try values.event(context.parameter("id")))
    return .json(EventStoryDocument(story), with: story.body, as: "event")
  }
}
