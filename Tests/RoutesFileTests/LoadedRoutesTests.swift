import GatewayCore
import OrderedCollections
import Testing

@testable import RoutesFile

@Suite("A good routes file")
struct LoadedRoutesTests {
  @Test("the smallest file has an app and no subscriber")
  func smallest() throws {
    let loaded = try RoutesFixture("version: 1\napps: [{sdkappid: 1400000000, tokens: [t]}]").load()
    #expect(
      loaded.routes.apps.values.first == AppConfiguration(id: AppID(rawValue: 1_400_000_000), tokens: [Secret("t")]))
    #expect(loaded.routes.subscribers.isEmpty)
    #expect(loaded.warnings.isEmpty)
  }

  @Test("a byte order mark and Windows line endings do no harm")
  func windowsText() throws {
    let fixture = try RoutesFixture("\u{FEFF}version: 1\r\napps:\r\n  - sdkappid: 7\r\n    tokns: [t]\r\n")
    expect(fixture.problems().filter { !$0.contains("warning") }, are: [#"4:5: unknown key "tokns""#])
  }

  @Test("a subscriber has the defaults of the contract")
  func defaults() throws {
    let loaded = try RoutesFixture(
      """
      version: 1
      apps: [{sdkappid: 1400000000, tokens: [t]}]
      defaults:
      subscribers:
        - name: moderation
          url: https://moderation.example/hooks
          secrets: ["\(RoutesFixture.secret)"]
          events: ["blocklist.*", Sns.CallbackFriendAdd]
      decisions: []
      """
    ).load()
    let subscriber = try #require(loaded.routes.subscribers["moderation"])
    #expect(
      subscriber.endpoint
        == Endpoint(
          url: "https://moderation.example/hooks", timeout: .seconds(10), connectTimeout: .seconds(3),
          privateAddresses: .allow))
    #expect(subscriber.secrets == [Secret(RoutesFixture.secret)])
    #expect(subscriber.events.map(\.text) == ["blocklist.*", "Sns.CallbackFriendAdd"])
    #expect(subscriber.apps == nil && subscriber.match == nil)
    #expect(subscriber.start == .now)
    #expect(subscriber.concurrency == 16)
    #expect(
      subscriber.retry.delays.map(\.text) == ["1s", "5s", "30s", "2m", "10m", "30m", "1h", "2h", "4h", "8h"])
    #expect(subscriber.retry.jitter == 0.2)
    #expect(subscriber.retry.giveUpAfter == .seconds(72 * 3600))
    #expect(subscriber.retry.retryAfterMax == .seconds(3600))
    #expect(subscriber.retry.permanentStatuses == [400, 413, 415, 422])
    #expect(subscriber.keep == .seconds(7 * 86_400))
    #expect(subscriber.headers == [] && subscriber.owner == nil && !subscriber.paused)
  }

  @Test("every key of an app and of a subscriber is read")
  func everything() throws {
    let loaded = try RoutesFixture(
      """
      version: 1
      apps:
        - sdkappid: 1400000000
          tokens: [one, two]
          clock_tolerance: 5m
          allow_ips: [203.0.113.0/24, "2001:db8::/32"]
          allow_ips_file: allowed.txt
          allow_ips_mode: report
          duplicates: {by: body, within: 1h}
        - {sdkappid: 1400000001, allow_ips: [192.0.2.1], duplicates: {by: none}}
      subscribers:
        - name: a
          url: http://127.0.0.1:9101/x?y
          unsigned: true
          events: ["*"]
          apps: [1400000001]
          start: 2025-11-20T20:36:00+08:00
          timeout: 1500ms
          connect_timeout: 1s
          concurrency: 1
          headers: {X-B: two words, Authorization: Bearer x}
          retry: {delays: [1s, 1m], jitter: 0, give_up_after: 1d, retry_after_max: 0s, permanent_statuses: []}
          keep: 30d
          private_addresses: deny
          owner: team
          paused: true
          format: event
          ordering: none
          match: {account: [7], from: ["admin-*", "\\u00e9?"]}
          batch: {max_events: 100, max_wait: 200ms}
          breaker: {open_after: 5, probe_every: 30s}
      """, files: ["allowed.txt": "# office\n\n198.51.100.7   # gate\n2001:db8:1::/48\r\n"]
    ).load()
    let app = try #require(loaded.routes.apps[AppID(rawValue: 1_400_000_000)])
    #expect(app.tokens == [Secret("one"), Secret("two")])
    #expect(app.clockTolerance == .seconds(300))
    #expect(
      app.allowedAddresses?.map(\.description) == [
        "203.0.113.0/24", "2001:db8::/32", "198.51.100.7", "2001:db8:1::/48",
      ])
    #expect(app.allowMode == .report)
    #expect(app.duplicates == .byBody(within: .seconds(3600)))
    let other = try #require(loaded.routes.apps[AppID(rawValue: 1_400_000_001)])
    #expect(other.duplicates == .none && other.tokens.isEmpty && other.clockTolerance == .seconds(60))

    let subscriber = try #require(loaded.routes.subscribers["a"])
    #expect(subscriber.secrets.isEmpty)
    #expect(subscriber.apps == [AppID(rawValue: 1_400_000_001)])
    #expect(
      subscriber.match
        == EventMatch([
          EventMatch.Condition(field: .from, globs: [Glob("admin-*"), Glob("é?")]),
          EventMatch.Condition(field: .account, globs: [Glob("7")]),
        ]))
    #expect(subscriber.start == .at(try #require(Timestamp("2025-11-20T12:36:00Z"))))
    #expect(subscriber.endpoint.timeout == .milliseconds(1500) && subscriber.endpoint.connectTimeout == .seconds(1))
    #expect(subscriber.endpoint.privateAddresses == .deny)
    #expect(subscriber.concurrency == 1)
    #expect(
      subscriber.headers.map { "\($0.name): \($0.value.exposed)" } == ["X-B: two words", "Authorization: Bearer x"])
    #expect(
      subscriber.retry
        == RetryPolicy(
          delays: [.seconds(1), .seconds(60)], jitter: 0, giveUpAfter: .seconds(86_400), retryAfterMax: .zero,
          permanentStatuses: []))
    #expect(subscriber.keep == .seconds(30 * 86_400))
    #expect(subscriber.owner == "team" && subscriber.paused)
    #expect(loaded.warnings.isEmpty)
  }

  @Test("whole callbacks are a format like the others, also in the defaults")
  func original() throws {
    let loaded = try RoutesFixture(
      """
      version: 1
      apps: [{sdkappid: 1400000000, tokens: [t]}]
      defaults: {format: original, unsigned: true}
      subscribers:
        - {name: whole, url: https://a.example, events: ["*"]}
        - {name: cut, url: https://b.example, events: ["*"], format: event}
      """
    ).load()
    #expect(loaded.warnings.isEmpty)
    #expect(loaded.routes.subscribers.mapValues(\.format) == ["whole": .original, "cut": .event])
  }

  @Test("defaults fill what a subscriber does not say; retry is merged, headers are replaced")
  func merging() throws {
    let loaded = try RoutesFixture(
      """
      version: 1
      apps: [{sdkappid: 1400000000, tokens: [t]}]
      defaults: {timeout: 2s, unsigned: true, headers: {A: 1}, retry: {jitter: 0, delays: [9s]}, paused: true}
      subscribers:
        - {name: a, url: "https://a.example", events: ["*"]}
        - {name: b, url: "https://b.example", events: ["*"], unsigned: false, secrets: [\(RoutesFixture.secret)],
           timeout: 3s, headers: {B: 2}, retry: {delays: [1s]}, paused: false}
      """
    ).load()
    let a = try #require(loaded.routes.subscribers["a"])
    let b = try #require(loaded.routes.subscribers["b"])
    #expect(a.endpoint.timeout == .seconds(2) && b.endpoint.timeout == .seconds(3))
    #expect(a.headers.map(\.name) == ["A"] && b.headers.map(\.name) == ["B"])
    #expect(a.retry.delays == [.seconds(9)] && b.retry.delays == [.seconds(1)])
    #expect(a.retry.jitter == 0 && b.retry.jitter == 0)
    #expect(a.paused && !b.paused && a.secrets.isEmpty && b.secrets.count == 1)
  }

  @Test("a match replaces that of the defaults as a whole; an empty one does away with it")
  func matchOfDefaults() throws {
    let loaded = try RoutesFixture(
      """
      version: 1
      apps: [{sdkappid: 1400000000, tokens: [t]}]
      defaults: {unsigned: true, match: {from: [a], to: [b]}}
      subscribers:
        - {name: a, url: "https://a.example", events: ["*"]}
        - {name: b, url: "https://b.example", events: ["*"], match: {group: ["@TGS#*"]}}
        - {name: c, url: "https://c.example", events: ["*"], match: {}}
      """
    ).load()
    let matches = loaded.routes.subscribers.values.map { $0.match?.conditions.map(\.field) }
    #expect(matches == [[.from, .to], [.group], nil])
  }

  @Test("apps and subscribers keep the file's order, and anchors work")
  func orderAndAnchors() throws {
    let loaded = try RoutesFixture(
      """
      version: 1
      apps: [{sdkappid: 9, tokens: &tokens [t]}, {sdkappid: 5, tokens: *tokens}]
      subscribers:
        - {name: z, url: "https://a.example", events: &all ["*"], unsigned: true}
        - {name: a, url: "https://a.example", events: *all, unsigned: true}
      """
    ).load()
    #expect(loaded.routes.apps.keys.map(\.rawValue) == [9, 5])
    #expect(loaded.routes.subscribers.keys == ["z", "a"])
  }

  @Test("an app with neither tokens nor addresses, and a file without apps, are warnings")
  func openDoors() throws {
    expect(
      try RoutesFixture("version: 1\napps: [{sdkappid: 1, tokens: []}]").problems(),
      are: [#"2:8:warning: this app has neither "tokens" nor "allow_ips""#])
    expect(try RoutesFixture("version: 1").problems(), are: [#"1:1:warning: "apps" lists no app"#])
  }

  @Test("a bad line of an address file is named with that file")
  func badAddressFile() throws {
    let fixture = try RoutesFixture(
      "version: 1\napps: [{sdkappid: 1, allow_ips_file: lists/ips.txt}]",
      files: ["lists/ips.txt": "10.0.0.1\n  10.0.0.0/40\n1.1.1.1 2.2.2.2\n"])
    expect(
      fixture.problems(),
      are: [
        "lists/ips.txt:2:3: this line is neither an address nor a CIDR",
        "lists/ips.txt:3:1: this line is neither an address nor a CIDR",
      ])
  }

  @Test("an address file without an address is refused: it would shut every caller out")
  func emptyAddressFile() throws {
    let fixture = try RoutesFixture(
      "version: 1\napps: [{sdkappid: 1, allow_ips_file: ips.txt}]", files: ["ips.txt": "# none\n"])
    expect(fixture.problems(), are: [#"2:38: the file "ips.txt" lists no address"#])
  }
}
