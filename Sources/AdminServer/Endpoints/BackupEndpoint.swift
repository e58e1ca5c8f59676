import GatewayCore
import Hummingbird
import Logging

/// `POST /v1/backup`: a verified copy of the journal. It may take longer than other exchanges.
struct BackupEndpoint {
  private static let longestPath = 4096

  let control: any GatewayControl
  let changes: ChangeLog
  let limits: AdminLimits

  @Sendable func backUp(_ request: Request, _ context: AdminRequestContext) async throws -> Response {
    let body = try await RequestBody(request, limits: limits, allowed: ["path"])
    let path = try body.required("path")
    guard path.hasPrefix("/"), path.utf8.count <= Self.longestPath, !path.contains("\0"), !path.hasSuffix("/") else {
      throw Problem(.badRequest, "\"path\" is the absolute path of a new file on the gateway's machine.")
    }
    context.deadline?.cancel()
    let start = ContinuousClock.now
    let copy = try await control.backUp(to: path)
    changes.note("journal backed up over the admin door", context, ["file": "\(path)", "bytes": "\(copy.bytes)"])
    return .json(
      BackupDocument(
        path: path, sizeBytes: copy.bytes, head: copy.head.rawValue, events: copy.events,
        durationSeconds: (ContinuousClock.now - start).inSeconds))
  }

  private struct BackupDocument: Encodable {
    let path: String
    let sizeBytes: Int
    let head: Int64
    let events: Int
    let durationSeconds: Double
  }
}
