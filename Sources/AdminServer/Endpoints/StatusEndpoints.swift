import GatewayCore
import Hummingbird

/// `/v1/stats`: the gateway as it is now.
struct StatusEndpoints {
  let control: any GatewayControl
  let activity: ActivityRecorder

  @Sendable func stats(_ request: Request, _ context: AdminRequestContext) async throws -> Response {
    .json(StatsDocument(try await control.status(), activity))
  }
}
