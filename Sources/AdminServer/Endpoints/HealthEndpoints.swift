import GatewayCore
import Hummingbird

/// `/livez` and `/readyz`, for whatever watches over the process.
struct HealthEndpoints {
  let control: any GatewayControl

  /// Answers as long as the process does, whatever state the gateway is in.
  @Sendable func live(_ request: Request, _ context: AdminRequestContext) async throws -> Response {
    .json(Health.ok)
  }

  /// Whether callbacks are taken now.
  @Sendable func ready(_ request: Request, _ context: AdminRequestContext) async throws -> Response {
    if let reason = await control.notReadyReason() { throw Problem(.serviceUnavailable, reason) }
    return .json(Health.ok)
  }

  private struct Health: Encodable {
    let status: String

    static let ok = Health(status: "ok")
  }
}
