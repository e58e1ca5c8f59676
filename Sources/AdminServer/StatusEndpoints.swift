import Foundation
import GatewayCore
import Hummingbird

/// `/v1/stats` and `/v1/subscribers`: the gateway as it is now.
struct StatusEndpoints {
  let control: any GatewayControl
  let activity: ActivityRecorder

  @Sendable func stats(_ request: Request, _ context: AdminRequestContext) async throws -> Response {
    .json(StatsDocument(try await control.status(), activity))
  }

  @Sendable func subscribers(_ request: Request, _ context: AdminRequestContext) async throws -> Response {
    let subscribers = try await control.status().subscribers.map {
      SubscriberDocument($0, activity.recent(of: $0.name))
    }
    return .json(SubscribersDocument(subscribers: subscribers))
  }

  @Sendable func subscriber(_ request: Request, _ context: AdminRequestContext) async throws -> Response {
    // The router takes paths as they come, escapes and all.
    let written = try context.parameters.require("name")
    let name = written.removingPercentEncoding ?? written
    guard let subscriber = try await control.status().subscribers.first(where: { $0.name == name }) else {
      throw Problem(.notFound, "No subscriber is named \(name); GET /v1/subscribers lists them.")
    }
    return .json(SubscriberDocument(subscriber, activity.recent(of: name)))
  }

  private struct SubscribersDocument: Encodable {
    let subscribers: [SubscriberDocument]
  }
}
