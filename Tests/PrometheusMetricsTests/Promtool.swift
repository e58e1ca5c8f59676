import Foundation

/// Prometheus' own checker of metrics. A test that uses it needs it: without it the test fails.
enum Promtool {
  /// What `promtool check metrics` says of a text: nothing, and status 0, when it finds nothing.
  static func check(_ exposition: String) async throws -> (status: Int32, findings: String) {
    let input = FileManager.default.temporaryDirectory.appending(path: "exposition-\(UUID().uuidString).txt")
    try Data(exposition.utf8).write(to: input)
    defer { try? FileManager.default.removeItem(at: input) }
    let process = Process()
    let output = Pipe()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = ["promtool", "check", "metrics"]
    process.standardInput = try FileHandle(forReadingFrom: input)
    process.standardOutput = output
    process.standardError = output
    let status = try await withCheckedThrowingContinuation { continuation in
      process.terminationHandler = { continuation.resume(returning: $0.terminationStatus) }
      do { try process.run() } catch { continuation.resume(throwing: error) }
    }
    let findings = try output.fileHandleForReading.readToEnd() ?? Data()
    return (status, String(decoding: findings, as: UTF8.self))
  }
}
