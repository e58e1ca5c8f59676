package import Foundation

/// What a command came to.
package struct CommandResult: Sendable {
  /// Its exit code; 128 and the signal's number if a signal ended it.
  package var status: Int32
  package var output: Data

  package var text: String { String(decoding: output, as: UTF8.self) }
}

/// A command that a test runs to its end, with nothing to read.
///
/// It goes through the C library's `popen`: Foundation's `Process` can crash when several threads start one at a time,
/// and its reading gives up when a signal interrupts it, as a child that ends is.
package struct Command: Sendable {
  private let line: String

  /// - Parameter joinsErrors: Whether what it writes to standard error is part of the output; else it is thrown away.
  package init(_ words: [String], in folder: String? = nil, joinsErrors: Bool = true) {
    let change = folder.map { "cd \(Self.quoted($0)) && " } ?? ""
    line =
      change + "exec " + words.map(Self.quoted).joined(separator: " ") + " </dev/null 2>"
      + (joinsErrors ? "&1" : "/dev/null")
  }

  /// On a thread of its own, because the tests' tasks share as many threads as there are cores.
  package func run() async throws -> CommandResult {
    try await withCheckedThrowingContinuation { continuation in
      Thread.detachNewThread { continuation.resume(with: Result { try runHere() }) }
    }
  }

  /// On the caller's thread.
  package func runHere() throws -> CommandResult {
    guard let stream = popen(line, "re") else { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }
    var output = Data()
    var buffer = [UInt8](repeating: 0, count: 64 << 10)
    while true {
      let count = read(fileno(stream), &buffer, buffer.count)
      if count > 0 {
        output.append(contentsOf: buffer[..<count])
      } else if count == 0 || errno != EINTR {
        break
      }
    }
    let status = pclose(stream)
    let signal = status & 0x7F
    return CommandResult(status: signal == 0 ? status >> 8 & 0xFF : 128 + signal, output: output)
  }

  private static func quoted(_ word: String) -> String { "'" + word.replacing("'", with: "'\\''") + "'" }
}
