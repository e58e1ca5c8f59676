import ChatSimulator
import Foundation
import Synchronization

/// Writes what the simulator does: a line a call to standard output, a line a failed callback to standard error.
///
/// A reader that does not read holds it up for a second, once; then lines are dropped, and the calls go on.
final class SimulateLines: SimulatorObserver {
  private let isJSON: Bool
  private let output = LineWriter(descriptor: STDOUT_FILENO, patience: LineWriter.logPatience)
  private let readerGone: @Sendable () -> Void
  private let counted = Mutex(SimulateTally())

  /// - Parameter readerGone: called when nobody reads the lines any more.
  init(isJSON: Bool, readerGone: @escaping @Sendable () -> Void) {
    self.isJSON = isJSON
    self.readerGone = readerGone
  }

  var tally: SimulateTally { counted.withLock { $0 } }

  func called(_ report: CallReport) {
    counted.withLock { $0.count(report) }
    if output.write(isJSON ? report.json : report.text) == .closed { readerGone() }
  }

  func callbackFailed(_ failure: CallbackFailure) { LineWriter.standardError.tell(failure.text) }
}
