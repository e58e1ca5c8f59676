import GatewayCore
import Hummingbird
import Logging

/// `POST /v1/reload`: reads the routes file now, or with `?dry_run=1` says what reading it would change.
struct ReloadEndpoint {
  let control: any GatewayControl
  let values: RequestValues
  let changes: ChangeLog

  @Sendable func reload(_ request: Request, _ context: AdminRequestContext) async throws -> Response {
    let query = try QueryParameters(request, allowed: [Self.dryRunParameter])
    let dryRun = try values.flag(query[Self.dryRunParameter], of: Self.dryRunParameter)
    do {
      let change = try await control.reload(dryRun: dryRun)
      log(context, dryRun: dryRun, result: dryRun ? "valid" : "applied")
      return .json(RoutesChangeDocument(change, dryRun: dryRun))
    } catch {
      log(context, dryRun: dryRun, result: "rejected")
      throw error
    }
  }

  private static let dryRunParameter = "dry_run"

  private func log(_ context: AdminRequestContext, dryRun: Bool, result: String) {
    changes.note(
      "routes reload asked over the admin door", context,
      ["reload.dry_run": "\(dryRun)", "reload.result": "\(result)"])
  }
}
