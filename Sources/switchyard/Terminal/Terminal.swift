import Foundation

/// What the program may presume of whoever reads its output and gives its input.
enum Terminal {
  /// Whether somebody is there to be asked and to see the question.
  static var canAsk: Bool { isatty(STDIN_FILENO) == 1 && isatty(STDERR_FILENO) == 1 }

  /// Whether standard output is a screen.
  static var isScreen: Bool { isatty(STDOUT_FILENO) == 1 }

  /// Whether standard output takes colours: a terminal that knows them, whose owner wants them (no-color.org).
  static var hasColours: Bool {
    let environment = ProcessInfo.processInfo.environment
    return isScreen && (environment["NO_COLOR"] ?? "").isEmpty && environment["TERM"] != "dumb"
  }
}
