import Foundation

/// Runs a command to its end with nothing to read, and gives what it wrote to either stream.
func run(_ command: String, _ arguments: String...) async throws -> (status: Int32, output: String) {
  try await run(command, arguments)
}

func run(_ command: String, _ arguments: [String]) async throws -> (status: Int32, output: String) {
  let process = Process()
  process.executableURL = URL(filePath: "/usr/bin/env")
  process.arguments = [command] + arguments
  let pipe = Pipe()
  process.standardInput = FileHandle.nullDevice
  process.standardOutput = pipe
  process.standardError = pipe
  // Away from the threads of tasks, which the server under test needs.
  return try await withCheckedThrowingContinuation { continuation in
    Thread.detachNewThread {
      do {
        try process.run()
        let output = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        continuation.resume(returning: (process.terminationStatus, String(decoding: output, as: UTF8.self)))
      } catch {
        continuation.resume(throwing: error)
      }
    }
  }
}
