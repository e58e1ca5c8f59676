import Foundation
import GatewayCore
import Hummingbird

/// `/v1/stats` and `/v1/subscribers`: the gateway as it is now.
struct StatusEndpoints {
  let control: any GatewayControl

  @Sendable func stats(_ request: Request, _ context: AdminRequestContext) async throws -> Response {
    .json(StatsDocument(try await control.status()))
  }

  @Sendable func subscribers(_ request: Request, _ context: AdminRequestContext) async throws -> Response {
    .json(SubscribersDocument(subscribers: try await control.status().subscribers.map(SubscriberDocument.init)))
  }

  @Sendable func subscriber(_ request: Request, _ context: AdminRequestContext) async throws -> Response {
    // The router takes paths as they come, escapes and all.
    let written = try context.parameters.require("name")
    let name = written.removingPercentEncoding ?? written
    guard let subscriber = try await control.status().subscribers.first(where: { $0.name == name }) else {
      throw Problem(.notFound, "No subscriber is named \(name); GET /v1/subscribers lists them.")
    }
    return .json(SubscriberDocument(subscriber))
  }

  private struct SubscribersDocument: Encodable {
    let subscribers: [SubscriberDocument]
  }
}
