import Foundation
import GatewayCore
import Synchronization

/// Writes whole lines to a descriptor, each with one `write(2)`, so that the lines of several threads never mix.
///
/// Writing is synchronous: what has been logged is out, also when the process is killed next. A reader that stops
/// reading therefore holds a writer up, but with a `patience` only that long, once: from then on lines are dropped
/// until the reader goes on. A line beyond `PIPE_BUF` (4 KiB) may wait longer, inside the kernel.
final class LineWriter: Sendable {
  enum Outcome {
    case written
    /// The reader does not read.
    case dropped
    /// Nobody reads any more, or the descriptor is unusable.
    case closed
  }

  /// How long a stuck log may hold up whoever logs.
  static let logPatience: Duration = .seconds(1)

  static let standardError = LineWriter(descriptor: STDERR_FILENO, patience: logPatience)
  /// Data waits for its reader: none of it is dropped.
  static let standardOutput = LineWriter(descriptor: STDOUT_FILENO, patience: nil)

  private let descriptor: Int32
  /// Nil waits for as long as it takes.
  private let patience: Duration?
  private let isStuck = Mutex(false)

  init(descriptor: Int32, patience: Duration?) {
    self.descriptor = descriptor
    self.patience = patience
    // A closed pipe is an outcome of a write here, not the end of the process.
    signal(SIGPIPE, SIG_IGN)
  }

  /// Writes `line` and a newline.
  @discardableResult
  func write(_ line: String) -> Outcome {
    var line = line
    line.append("\n")
    return isStuck.withLock { isStuck in
      let outcome = line.withUTF8 { write($0, wait: isStuck ? .zero : patience) }
      isStuck = outcome == .dropped
      return outcome
    }
  }

  /// Writes a sentence for whoever runs the program. It may quote what somebody wrote: nothing in it acts on a terminal,
  /// or passes for another line.
  func tell(_ sentence: String) { write(sentence.printable) }

  /// Writes what a command was asked for, and a newline.
  ///
  /// - Throws: `CommandFailure` if it could not be written.
  func print(_ line: String) throws(CommandFailure) {
    guard write(line) == .written else {
      throw CommandFailure("the output could not be written: its reader is gone or its disk is full")
    }
  }

  private func write(_ bytes: UnsafeBufferPointer<UInt8>, wait: Duration?) -> Outcome {
    var rest = UnsafeRawBufferPointer(bytes)
    while !rest.isEmpty {
      guard becomesWritable(within: wait) else { return .dropped }
      let count = Foundation.write(descriptor, rest.baseAddress, rest.count)
      if count >= 0 {
        rest = UnsafeRawBufferPointer(rebasing: rest[count...])
      } else if errno != EINTR && errno != EAGAIN {
        return .closed
      }
    }
    return .written
  }

  /// True also for a descriptor in error, which the write then tells.
  private func becomesWritable(within wait: Duration?) -> Bool {
    var entry = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
    let milliseconds = wait.map { Int32(clamping: $0.milliseconds) } ?? -1
    var ready = poll(&entry, 1, milliseconds)
    while ready < 0 && errno == EINTR { ready = poll(&entry, 1, milliseconds) }
    return ready != 0
  }
}
