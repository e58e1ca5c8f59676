import Foundation
import GatewayCore
import Testing

@testable import AdminServer

@Suite("The dashboard")
struct DashboardTests {
  private static let hostile = #"<script>alert(1)</script>"><img src=x onerror=alert(2)>'"#

  /// A gateway whose every text is made to break out of HTML.
  private static var hostileStatus: GatewayStatus {
    var status = Samples.status
    status.version = hostile
    status.routesFingerprint = hostile
    status.routesProblems = [RoutesProblem(file: hostile, line: 1, message: hostile)]
    var subscriber = Samples.moderation
    (subscriber.url, subscriber.owner, subscriber.reason) = (hostile, hostile, hostile)
    status.subscribers = [subscriber]
    return status
  }

  @Test("shows the gateway at a glance, without a script")
  func page() async throws {
    try await Door.open(control: FakeControl(status: .success(Samples.status))) { door in
      let page = try await door.send("GET", "/")
      #expect(page.status == 200)
      #expect(page.headers["content-type"] == "text/html; charset=utf-8")
      #expect(page.headers["cache-control"] == "no-store")
      for text in [
        "1.0.0, up since", "340 since the start", "900 since the start", "9f86d081884c7d65", "trust-and-safety",
        "moderation.example/hooks", "The variable ARCHIVE_SECRET is not set.", "routes.yaml:12:5", "1.0", "MiB",
        "2 subscribers: 1 misconfigured", "<b>closed</b> <span class=\"meaning\">delivers</span>",
        "1,041 events so far",
      ] {
        #expect(page.body.contains(text), "\(text)")
      }
      #expect(!page.body.contains("{{") && !page.body.contains("Optional("))
    }
  }

  @Test("keeps to its own policy: nothing inline, nothing from elsewhere")
  func policy() async throws {
    try await Door.open(control: FakeControl(status: .success(Samples.status))) { door in
      let page = try await door.send("GET", "/")
      #expect(
        page.headers["content-security-policy"]
          == "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self'; "
          + "form-action 'self'; base-uri 'none'; frame-ancestors 'none'")
      #expect(page.headers["x-content-type-options"] == "nosniff")
      #expect(page.headers["referrer-policy"] == "same-origin")
      #expect(page.body.firstMatch(of: /\sstyle=|\son[a-z]+=|<style|javascript:/) == nil)
      #expect(page.body.matches(of: /<script[^>]*>[^<]/).isEmpty)
      for link in page.body.matches(of: /\s(?:src|href|action)="([^"]*)"/) {
        #expect(link.1.hasPrefix("/") && !link.1.hasPrefix("//") || link.1.hasPrefix("#"), "\(link.1)")
      }
    }
  }

  @Test("shows hostile texts as text, wherever they come from")
  func escaping() async throws {
    try await Door.open(control: FakeControl(status: .success(Self.hostileStatus))) { door in
      let body = try await door.send("GET", "/").body
      #expect(!body.contains("<script>alert") && !body.contains("<img"))
      #expect(body.components(separatedBy: "&lt;script&gt;alert(1)&lt;/script&gt;&quot;&gt;&lt;img").count > 6)
    }
  }

  @Test("says so when the gateway cannot be asked, and loads all the same")
  func trouble() async throws {
    try await Door.open(control: FakeControl(status: .failure(.unavailable("the disk is gone")))) { door in
      let page = try await door.send("GET", "/")
      #expect(page.status == 200)
      #expect(page.body.contains("the disk is gone"))
    }
  }

  @Test("loads files that browsers keep until they change")
  func assets() async throws {
    try await Door.open { door in
      for (name, type) in [
        ("dashboard.css", "text/css; charset=utf-8"), ("dashboard.js", "text/javascript; charset=utf-8"),
        ("icon.svg", "image/svg+xml"),
      ] {
        let first = try await door.send("GET", "/dashboard/\(name)")
        #expect(first.status == 200 && !first.body.isEmpty)
        #expect(first.headers["content-type"] == type)
        let tag = try #require(first.headers["etag"])
        let again = try await door.send("GET", "/dashboard/\(name)", ["If-None-Match": "\"other\", \(tag)"])
        #expect(again.status == 304 && again.body.isEmpty)
        #expect(try await door.send("GET", "/dashboard/\(name)", ["If-None-Match": "\"other\""]).status == 200)
      }
      #expect(try await door.send("GET", "/dashboard/page.mustache").status == 404)
    }
  }

  @Test("every script that a script asks for is there")
  func modules() async throws {
    try await Door.open { door in
      var (known, asked) = (Set<String>(), ["dashboard.js"])
      while let name = asked.popLast() {
        guard known.insert(name).inserted else { continue }
        let script = try await door.send("GET", "/dashboard/\(name)")
        #expect(script.status == 200, "\(name)")
        asked += script.body.matches(of: /from "\.\/([^"]+)"/).map { String($0.1) }
      }
      #expect(known.count == 11)
    }
  }

  @Test("streams everything at first, then only what has changed, and ends with the door")
  func stream() async throws {
    try await Door.open(control: FakeControl(status: .success(Samples.status))) { door in
      let connection = try RawConnection()
      defer { connection.close() }
      try connection.connect(to: door.port)
      try connection.send("GET /dashboard/stream HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
      let first = try await connection.receive { $0.contains("event: order") }
      #expect(first.contains("content-type: text/event-stream") || first.contains("Content-Type: text/event-stream"))
      for id in ["figures", "summary", "routes", "trouble", "subscriber-moderation", "subscriber-archive"] {
        #expect(first.contains("event: fragment\ndata: \(id)\n"), "\(id)")
      }
      #expect(first.contains("data: subscriber-moderation subscriber-archive\n"))
      let start = ContinuousClock.now
      await door.server.stop()
      let rest = try await connection.receive()
      #expect(rest.hasSuffix("0\r\n\r\n"))
      #expect(!rest.contains("subscriber-archive"))
      #expect(ContinuousClock.now - start < .seconds(3))
    }
  }

  @Test("writes numbers as short as they can be read")
  func numbers() {
    #expect(
      [0, 999, 1000, 1_234_567, 12_345_678, 12_345_678_901].map(DashboardText.count)
        == ["0", "999", "1,000", "1,234,567", "12.3 M", "12.3 G"])
    #expect([0, 0.04, 3.24, 9.96, 154.4].map(DashboardText.rate) == ["0", "<0.1", "3.2", "10", "154"])
    #expect(
      [0.00042, 0.0024, 0.24, 1.34, 13.2].map { DashboardText.time($0 as Double?) }
        == ["0.42 ms", "2.4 ms", "240 ms", "1.3 s", "13 s"])
    #expect(DashboardText.time(nil) == "–")
    #expect([1, 0.9999, 0.994, 0].map(DashboardText.share) == ["100 %", "99.9 %", "99.4 %", "0.0 %"])
    #expect(
      [3, 61, 7500, 3600, 270_000].map { DashboardText.age(.seconds($0)) }
        == ["3 s", "1 min", "2 h 5 min", "1 h", "3 d 3 h"])
    #expect(DashboardText.age(.seconds(-5)) == "0 s")
    #expect([512, 1_048_576, 9_663_676_416].map { DashboardText.bytes($0).number } == ["512", "1.0", "9.0"])
    #expect(DashboardText.moment(Timestamp(milliseconds: 1_795_206_960_123)) == "20 Nov 2026, 20:36:00 UTC")
  }

  @Test("draws the last hour within its frame", arguments: [[0, 0, 0], [5, 0, 10], [Int.max / 1000, 1, 0]])
  func sparkline(counts: [Int]) {
    let line = Sparkline(counts).line
    let points = line.dropFirst().split(separator: "L").map { $0.split(separator: " ").compactMap { Double($0) } }
    #expect(points.count == 3)
    #expect(points.allSatisfy { (0...118).contains($0[0]) && (2...26).contains($0[1]) })
    #expect(Sparkline(counts).area == line + "V28H0Z")
  }
}
