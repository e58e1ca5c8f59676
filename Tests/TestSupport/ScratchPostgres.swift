import Foundation
import Synchronization

/// The running `scripts/scratch-postgres`: what it prints, and the socket that keeps it.
struct ScratchPostgres {
  private let stream: UnsafeMutablePointer<FILE>
  private let lifeline: Int32

  private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().path

  private static var lastError: POSIXError { POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }

  init() throws {
    var ends: [Int32] = [-1, -1]
    // No other child may get the end that is written to: the script would outlive this process then.
    let kind = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
    guard socketpair(AF_UNIX, kind, 0, &ends) == 0 else { throw Self.lastError }
    defer { close(ends[0]) }
    _ = fcntl(ends[0], F_SETFD, 0)
    // Other shells know descriptors of one digit alone.
    let script = "exec bash -c 'exec \"$0\" <&\(ends[0]) 2>&1' '\(Self.root)/scripts/scratch-postgres'"
    guard let stream = popen(script, "re") else {
      defer { close(ends[1]) }
      throw Self.lastError
    }
    self.stream = stream
    lifeline = ends[1]
  }

  /// A line with its newline; `nil` when there is none to come.
  func nextLine() -> String? {
    var buffer = [CChar](repeating: 0, count: 4096)
    guard fgets(&buffer, Int32(buffer.count), stream) != nil else { return nil }
    return String(decoding: buffer.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
  }

  /// Ends it; returns what it still had to say.
  func end() -> String {
    close(lifeline)
    defer { pclose(stream) }
    return sequence(state: ()) { _ in nextLine() }.joined()
  }

  /// An orderly end of the process waits until nothing is left behind. Any other end closes the socket too.
  func endWithTheProcess() {
    running.withLock { $0 = Running(stream: stream, lifeline: lifeline) }
    atexit {
      guard let script = running.withLock({ $0 }) else { return }
      close(script.lifeline)
      pclose(script.stream)
    }
  }
}

// SAFETY: the stream is used by the handler of `atexit` alone, once.
private struct Running: @unchecked Sendable {
  let stream: UnsafeMutablePointer<FILE>
  let lifeline: Int32
}

private let running = Mutex<Running?>(nil)
