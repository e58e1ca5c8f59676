import CallbackServer
import Delivery
import GatewayCore

/// Answers the admin door: what the gateway is doing, and whether it can.
struct GatewayStatusReporter: GatewayControl {
  let startedAt: Timestamp
  let journal: any Journal
  let delivery: DeliveryService
  let door: CallbackServer
  let reloader: RoutesReloader
  let readiness: Readiness

  func status() async throws(JournalError) -> GatewayStatus {
    let counts = door.counts
    return GatewayStatus(
      version: Product.version, startedAt: startedAt, head: journal.head.next, space: try await journal.space(),
      routesFingerprint: await reloader.current.fingerprint, routesLoadedAt: await reloader.loadedAt,
      routesProblems: await reloader.problems, callbacksAccepted: counts.accepted,
      callbacksDuplicate: counts.duplicate, callbacksRejected: counts.rejected, eventsAccepted: counts.events,
      subscribers: try await delivery.statuses())
  }

  func notReadyReason() async -> String? { await readiness.reason(journal: journal) }

  func reload(dryRun: Bool) async throws(RoutesRejected) -> RoutesChange { try await reloader.reload(dryRun: dryRun) }
}
