import GatewayCore
import Hummingbird
import Logging

/// `POST /v1/reload`: reads the routes file now, or with `?dry_run=1` says what reading it would change.
struct ReloadEndpoint {
  let control: any GatewayControl
  let logger: Logger

  @Sendable func reload(_ request: Request, _ context: AdminRequestContext) async throws -> Response {
    let dryRun = try dryRun(request)
    do {
      let change = try await control.reload(dryRun: dryRun)
      log(context, dryRun: dryRun, result: dryRun ? "valid" : "applied")
      return .json(RoutesChangeDocument(change, dryRun: dryRun))
    } catch {
      log(context, dryRun: dryRun, result: "rejected")
      throw error
    }
  }

  /// Anything but a clear yes or no is refused, lest a slip turns a rehearsal into the real thing.
  private func dryRun(_ request: Request) throws -> Bool {
    switch try QueryParameters(request, allowed: [Self.dryRunParameter])[Self.dryRunParameter] {
    case nil, "0", "false": return false
    case "1", "true": return true
    case let value?:
      throw Problem(
        .badRequest, "The parameter \(Self.dryRunParameter) is 1 or true, or 0 or false, but not \"\(value)\".")
    }
  }

  private static let dryRunParameter = "dry_run"

  private func log(_ context: AdminRequestContext, dryRun: Bool, result: String) {
    logger.info(
      "routes reload asked over the admin door",
      metadata: ["peer": "\(context.peer)", "reload.dry_run": "\(dryRun)", "reload.result": "\(result)"])
  }
}
