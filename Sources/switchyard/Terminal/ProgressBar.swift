import Foundation
import GatewayCore
import Synchronization

/// One line on a terminal that is drawn anew, at most ten times a second, until it is cleared.
final class ProgressBar: Sendable {
  private static let interval: Duration = .milliseconds(100)
  private static let width = 30
  private static let clearLine = "\r\u{1B}[K"

  private let total: Int
  private let start = ContinuousClock.now
  private let lastDrawn = Mutex<ContinuousClock.Instant?>(nil)

  /// Nil when standard error is no terminal.
  init?(total: Int) {
    guard isatty(STDERR_FILENO) == 1 else { return nil }
    self.total = total
  }

  /// - Parameter note: What is to be known besides, behind the bar.
  func show(done: Int, note: String? = nil) {
    let now = ContinuousClock.now
    lastDrawn.withLock { last in
      if let drawn = last, now - drawn < Self.interval { return }
      last = now
      let line = Self.line(done: done, total: total, elapsed: now - start)
      Self.draw(Self.clearLine + ([line] + [note?.printable].compactMap(\.self)).joined(separator: "  "))
    }
  }

  func clear() { Self.draw(Self.clearLine) }

  /// `[###############---------------] 500/1000  198.2/s`
  static func line(done: Int, total: Int, elapsed: Duration) -> String {
    let filled = total > 0 ? width * min(done, total) / total : width
    let bar = String(repeating: "#", count: filled) + String(repeating: "-", count: width - filled)
    let rate = elapsed > .zero ? Double(done) / elapsed.inSeconds : 0
    return "[\(bar)] \(done)/\(total)  " + String(format: "%.1f/s", rate)
  }

  private static func draw(_ text: String) {
    try? FileHandle.standardError.write(contentsOf: Data(text.utf8))
  }
}
