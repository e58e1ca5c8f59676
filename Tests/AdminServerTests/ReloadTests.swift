import GatewayCore
import Testing

@testable import AdminServer

@Suite("A reload over the admin door")
struct ReloadTests {
  private static let header = ["X-Switchyard-Admin": "1"]

  @Test(
    "is a dry run when it says so",
    arguments: [
      ("", false), ("?dry_run=0", false), ("?dry_run=false", false), ("?dry_run=1", true), ("?dry_run=true", true),
      ("?", false), ("?&dry_run=1&", true), ("?dry%5Frun=%31", true),
    ])
  func dryRun(query: String, isDryRun: Bool) async throws {
    let control = FakeControl(reload: .success(Samples.change))
    try await Door.open(control: control) { door in
      let response = try await door.send("POST", "/v1/reload" + query, Self.header)
      #expect(response.status == 200)
      #expect(response.body.contains(#""dryRun":\#(isDryRun)"#))
    }
    #expect(control.reloads == [isDryRun])
  }

  @Test(
    "is refused when it is not clear whether it is one, naming the parameter and what it may be",
    arguments: [
      ("?dry_run", #"The parameter dry_run is 1 or true, or 0 or false, but not \"\"."#),
      ("?dry_run=", #"The parameter dry_run is 1 or true, or 0 or false, but not \"\"."#),
      ("?dry_run=yes", #"The parameter dry_run is 1 or true, or 0 or false, but not \"yes\"."#),
      ("?dryrun=1", #"There is no parameter \"dryrun\" here; this path takes dry_run."#),
      ("?DRY_RUN=1", #"There is no parameter \"DRY_RUN\" here; this path takes dry_run."#),
      ("?dry_run=1&force=1", #"There is no parameter \"force\" here; this path takes dry_run."#),
      ("?=1", #"There is no parameter \"\" here; this path takes dry_run."#),
      ("?dry_run=1&dry_run=0", "The parameter dry_run stands more than once; keep one."),
      ("?dry_run=%3", #"\"%3\" in the query cannot be decoded; write a \"%\" as %25, and other escapes in UTF-8."#),
      ("?%FF=1", #"\"%FF\" in the query cannot be decoded; write a \"%\" as %25, and other escapes in UTF-8."#),
    ])
  func unclear(query: String, detail: String) async throws {
    let control = FakeControl()
    try await Door.open(control: control) { door in
      let response = try await door.send("POST", "/v1/reload" + query, Self.header)
      #expect(response.status == 400)
      #expect(response.headers["content-type"] == "application/problem+json")
      #expect(response.body.contains(#""detail":"\#(detail)""#), "\(response.body)")
    }
    #expect(control.reloads == [])
  }

  @Test("is one line in the log, whatever came of it")
  func logged() async throws {
    let good = try await Door.open(control: FakeControl(reload: .success(Samples.change))) { door in
      _ = try await door.send("POST", "/v1/reload", Self.header)
      _ = try await door.send("POST", "/v1/reload?dry_run=1", Self.header)
      return door.log.lines
    }
    #expect(good.count == 2)
    #expect(good[0].hasPrefix("info routes reload asked over the admin door peer=127.0.0.1:"))
    #expect(good[0].hasSuffix(" reload.dry_run=false reload.result=applied"))
    #expect(good[1].hasSuffix(" reload.dry_run=true reload.result=valid"))
    let bad = FakeControl(reload: .failure(RoutesRejected(problems: [Samples.problem])))
    let lines = try await Door.open(control: bad) { door in
      _ = try await door.send("POST", "/v1/reload", Self.header)
      return door.log.lines
    }
    #expect(lines.count == 1)
    #expect(lines[0].hasSuffix(" reload.dry_run=false reload.result=rejected"))
  }
}
