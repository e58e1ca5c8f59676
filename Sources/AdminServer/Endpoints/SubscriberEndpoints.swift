import GatewayCore
import HTTPTypes
import Hummingbird
import Logging

/// `/v1/subscribers`: what they are doing, and holding and letting go of them.
struct SubscriberEndpoints {
  let control: any GatewayControl
  let delivery: any DeliveryControl
  let activity: ActivityRecorder
  let values: RequestValues
  let changes: ChangeLog

  @Sendable func list(_ request: Request, _ context: AdminRequestContext) async throws -> Response {
    let query = try QueryParameters(request, allowed: ["limit", "cursor"])
    let limit = try values.limit(query["limit"])
    let all = try await control.status().subscribers
    var start = 0
    if let cursor = query["cursor"] {
      guard let place = cursor.wholeNumber else { throw RequestValues.badCursor(cursor) }
      start = min(place, all.count)
    }
    let end = min(all.count, start + limit)
    let removed = start == 0 ? try await delivery.removedSubscribers() : []
    return .json(
      SubscribersDocument(
        subscribers: all[start..<end].map { SubscriberDocument($0, activity.recent(of: $0.name)) },
        removed: removed.isEmpty ? nil : removed.prefix(RequestValues.limits.upperBound).map(RemovedDocument.init),
        cursor: end < all.count ? "\(end)" : nil))
  }

  @Sendable func one(_ request: Request, _ context: AdminRequestContext) async throws -> Response {
    try await document(of: context.parameter("name"))
  }

  @Sendable func pause(_ request: Request, _ context: AdminRequestContext) async throws -> Response {
    let name = try context.parameter("name")
    try await delivery.pause(name)
    changes.note("subscriber paused over the admin door", context, ["subscriber": "\(name)"])
    return try await document(of: name)
  }

  @Sendable func resume(_ request: Request, _ context: AdminRequestContext) async throws -> Response {
    let name = try context.parameter("name")
    try await delivery.resume(name)
    changes.note("subscriber resumed over the admin door", context, ["subscriber": "\(name)"])
    return try await document(of: name)
  }

  @Sendable func forget(_ request: Request, _ context: AdminRequestContext) async throws -> Response {
    let name = try context.parameter("name")
    try await delivery.forget(name)
    changes.note("subscriber forgotten over the admin door", context, ["subscriber": "\(name)"])
    return Response(status: .noContent)
  }

  private func document(of name: String) async throws -> Response {
    guard let subscriber = try await control.status().subscribers.first(where: { $0.name == name }) else {
      throw Problem(.notFound, "No subscriber is named \(name.shortened); GET /v1/subscribers lists them.")
    }
    return .json(SubscriberDocument(subscriber, activity.recent(of: name)))
  }

  private struct SubscribersDocument: Encodable {
    let subscribers: [SubscriberDocument]
    let removed: [RemovedDocument]?
    let cursor: String?
  }

  private struct RemovedDocument: Encodable {
    let name: String
    let cursor: Int64
    let behindEvents: Int
    let deadLetters: Int
    let forgetAt: String?

    init(_ removed: RemovedSubscriber) {
      name = removed.name
      cursor = removed.cursor.rawValue
      behindEvents = removed.behindEvents
      deadLetters = removed.deadLetters
      forgetAt = removed.forgetAt?.description
    }
  }
}
