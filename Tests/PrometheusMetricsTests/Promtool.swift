import Foundation
import TestSupport

/// Prometheus' own checker of metrics. A test that uses it needs it: without it the test fails.
enum Promtool {
  /// What `promtool check metrics` says of a text: nothing, and status 0, when it finds nothing.
  static func check(_ exposition: String) async throws -> (status: Int32, findings: String) {
    let input = FileManager.default.temporaryDirectory.appending(path: "exposition-\(UUID().uuidString).txt")
    try Data(exposition.utf8).write(to: input)
    defer { try? FileManager.default.removeItem(at: input) }
    // promtool reads standard input, which a shell gives it.
    let result = try await Command(["sh", "-c", "promtool check metrics <\"$1\"", "sh", input.path]).run()
    return (result.status, result.text)
  }
}
