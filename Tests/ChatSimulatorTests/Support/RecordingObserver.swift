import ChatSimulator
import Synchronization

/// Keeps what it is told, and lets a test wait for a number of calls.
final class RecordingObserver: SimulatorObserver {
  private let recorded = Mutex<[CallReport]>([])
  private let failed = Mutex<[CallbackFailure]>([])

  var reports: [CallReport] { recorded.withLock { $0 } }
  var failures: [CallbackFailure] { failed.withLock { $0 } }

  func called(_ report: CallReport) { recorded.withLock { $0.append(report) } }

  func callbackFailed(_ failure: CallbackFailure) { failed.withLock { $0.append(failure) } }
}
