import ArgumentParser
import Foundation
import UnixSignals

/// What the process is told from outside: stop (with or without lingering), or read the routes file again.
struct StopSignals {
  enum Request: Sendable { case stop(lingering: Bool), reload }

  private let signals: UnixSignalsSequence

  /// From here on the signals are ours.
  init() async { signals = await UnixSignalsSequence(trapping: .sigterm, .sigint, .sighup) }

  /// Calls `act` for each signal; after the first that stops, the next one ends the process at once.
  func forEach(_ act: @Sendable (Request) async -> Void) async {
    var isStopping = false
    for await signal in signals {
      switch signal {
      case .sighup: await act(.reload)
      case .sigterm, .sigint:
        if isStopping {
          LineWriter.standardError.write(
            "switchyard: stopped at once by a second signal; what was under way is sent again after the next start")
          Foundation._exit(ExitStatus.failure.rawValue)
        }
        isStopping = true
        await act(.stop(lingering: signal == .sigterm))
      default: break
      }
    }
  }
}
