import GatewayCore
import Synchronization
import Testing

/// A gateway that answers what it was told to; what it was not told to answer fails the test.
final class FakeControl: GatewayControl {
  private let statusAnswer: Result<GatewayStatus, JournalError>?
  private let notReady: String?
  private let reloadAnswer: Result<RoutesChange, RoutesRejected>?
  private let asked = Mutex<[Bool]>([])

  init(
    status: Result<GatewayStatus, JournalError>? = nil, notReady: String? = nil,
    reload: Result<RoutesChange, RoutesRejected>? = nil
  ) {
    statusAnswer = status
    self.notReady = notReady
    reloadAnswer = reload
  }

  /// The reloads so far, each with whether it was a dry run.
  var reloads: [Bool] { asked.withLock { $0 } }

  func status() async throws(JournalError) -> GatewayStatus {
    guard let statusAnswer else {
      Issue.record("nobody should ask for the status")
      throw .closed
    }
    return try statusAnswer.get()
  }

  func notReadyReason() async -> String? { notReady }

  func reload(dryRun: Bool) async throws(RoutesRejected) -> RoutesChange {
    asked.withLock { $0.append(dryRun) }
    guard let reloadAnswer else {
      Issue.record("nobody should reload")
      throw RoutesRejected(problems: [])
    }
    return try reloadAnswer.get()
  }

  func backUp(to path: String) async throws(ControlError) -> JournalCopy {
    Issue.record("nobody should make a backup")
    throw .conflict("unset")
  }
}
