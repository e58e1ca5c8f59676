import Foundation
import GatewayCore
import Hummingbird

/// `GET /v1/tail`: attempts as they happen.
struct TailEndpoint {
  let delivery: any DeliveryControl
  let streams: EventStreams
  let values: RequestValues

  @Sendable func tail(_ request: Request, _ context: AdminRequestContext) async throws -> Response {
    let query = try QueryParameters(request, allowed: ["subscriber", "events"])
    let subscriber = try query["subscriber"].map { text throws(Problem) in try values.subscriber(text) }
    let pattern = try query["events"].map { text throws(Problem) in try values.pattern(text, of: "events") }
    let feed = delivery.attempts
    return try streams.answer(context) { stream in
      let attempts = feed.listen { notice in
        (subscriber.map { $0 == notice.subscriber } ?? true)
          && (pattern.map { pattern in
            notice.kind.map { pattern.matches(type: $0.type, command: $0.command) } ?? false
          } ?? true)
      }
      guard let attempts else { return }
      var missed = 0
      for await item in attempts {
        switch item {
        case .attempt(let notice):
          if missed > 0, stream.send(ServerSentEvent("dropped", data: "{\"attempts\":\(missed)}")) { missed = 0 }
          if missed > 0 || !stream.send(ServerSentEvent("attempt", data: notice.json)) { missed += 1 }
        case .dropped(let count): missed += count
        }
      }
    }
  }
}

extension AttemptNotice {
  fileprivate var json: String {
    let document = AttemptDocument(record, subscriber: subscriber, event: event, kind: kind)
    return String(decoding: Response.encode(document), as: UTF8.self)
  }
}
