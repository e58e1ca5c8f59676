import Foundation
import GatewayCore
import Testing

@testable import AdminServer

@Suite("docs/admin-api.md")
struct DocumentationTests {
  @Test("shows exactly what the door answers")
  func examples() async throws {
    let examples = try Self.examples()
    #expect(
      examples.map(\.request) == [
        "GET /livez", "GET /readyz", "GET /v1/stats", "GET /v1/subscribers", "GET /v1/subscribers/moderation",
        "POST /v1/reload?dry_run=1", "GET /v1/subscribers/nobody",
      ])
    let control = FakeControl(status: .success(Samples.status), reload: .success(Samples.change))
    // What is shown has just started, and has seen no activity yet.
    var limits = AdminLimits()
    limits.activityPeriod = .seconds(3600)
    try await Door.open(control: control, limits: limits) { door in
      for example in examples {
        let words = example.request.split(separator: " ").map(String.init)
        let response = try await door.send(words[0], words[1], ["X-Switchyard-Admin": "1"])
        #expect(try Self.parsed(response.body) == Self.parsed(example.answer), "\(example.request)")
      }
    }
  }

  private struct Example {
    let request: String
    let answer: String
  }

  /// Every heading that is a request, with the JSON under it.
  private static func examples() throws -> [Example] {
    let repository = URL(filePath: #filePath).resolvingSymlinksInPath().deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
    let text = try String(contentsOf: repository.appending(path: "docs/admin-api.md"), encoding: .utf8)
    return text.components(separatedBy: "\n### `").dropFirst().compactMap { section in
      let parts = section.components(separatedBy: "\n```")
      guard let request = section.split(separator: "`").first, parts.count > 1, parts[1].hasPrefix("json\n") else {
        return nil
      }
      return Example(request: String(request), answer: String(parts[1].dropFirst("json\n".count)))
    }
  }

  private static func parsed(_ json: String) throws -> NSDictionary {
    try #require(try JSONSerialization.jsonObject(with: Data(json.utf8)) as? NSDictionary)
  }
}
