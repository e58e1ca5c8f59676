import ArgumentParser
import Foundation
import GatewayCore
import Logging

/// How log lines look: text for a person, or one JSON object a line for a machine.
enum LogFormat: String, CaseIterable, Sendable, ExpressibleByArgument {
  case text
  case json

  /// Text when standard error is a terminal, else JSON.
  static var standard: LogFormat { isatty(STDERR_FILENO) == 1 ? .text : .json }

  /// What `LoggingSystem.bootstrap` wants: loggers that write to standard error from `level` up.
  func handlerFactory(
    level: Logger.Level, output: LineWriter = .standardError, clock: @escaping WallClock = Timestamp.now
  ) -> @Sendable (_ label: String) -> any LogHandler {
    { _ in LineLogHandler(format: self, level: level, output: output, clock: clock) }
  }
}
