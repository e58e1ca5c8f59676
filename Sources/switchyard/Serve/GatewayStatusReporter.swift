import CallbackServer
import Delivery
import Foundation
import GatewayCore
import Logging
import Synchronization

/// Answers the admin door: what the gateway is doing, and whether it can.
struct GatewayStatusReporter: GatewayControl {
  let startedAt: Timestamp
  let journal: any Journal
  /// The journal, or the spool before it.
  let appender: any BatchAppender
  let delivery: DeliveryService
  let door: CallbackServer
  let reloader: RoutesReloader
  let readiness: Readiness
  let backups = BackupTurn()

  func status() async throws(JournalError) -> GatewayStatus {
    let counts = door.counts
    let prints = await reloader.prints
    return GatewayStatus(
      version: Product.version, startedAt: startedAt, head: journal.head.next, space: try await journal.space(),
      routesFingerprint: await reloader.current.fingerprint,
      appFingerprints: prints.apps, decisionsFingerprint: prints.decisions, routesLoadedAt: await reloader.loadedAt,
      routesProblems: await reloader.problems, callbacksAccepted: counts.accepted,
      callbacksDuplicate: counts.duplicate, callbacksRejected: counts.rejected, eventsAccepted: counts.events,
      subscribers: try await delivery.statuses(), fleet: await delivery.fleet())
  }

  func notReadyReason() async -> String? { await readiness.reason(journal: appender) }

  func reload(dryRun: Bool) async throws(RoutesRejected) -> RoutesChange { try await reloader.reload(dryRun: dryRun) }

  func backUp(to path: String) async throws(ControlError) -> JournalCopy {
    guard !FileManager.default.fileExists(atPath: path) else {
      throw .conflict("There is a file \(path) on the gateway's machine already; give another name.")
    }
    guard backups.take() else { throw .conflict("Another backup is being made; try again when it is done.") }
    defer { backups.giveBack() }
    do throws(JournalError) {
      return try await journal.backUp(to: path)
    } catch {
      throw .journal(error)
    }
  }
}

/// One backup at a time.
final class BackupTurn: Sendable {
  private let isTaken = Atomic(false)

  func take() -> Bool { !isTaken.exchange(true, ordering: .acquiringAndReleasing) }

  func giveBack() { isTaken.store(false, ordering: .releasing) }
}
