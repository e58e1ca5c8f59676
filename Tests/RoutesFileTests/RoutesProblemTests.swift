import Foundation
import Testing

@testable import RoutesFile

/// One bad file of the tables below: what it says, and the one problem it has.
struct BadLine: CustomTestStringConvertible, Sendable {
  let text: String
  let problem: String

  init(_ text: String, _ problem: String) {
    self.text = text
    self.problem = problem
  }

  var testDescription: String { text }
}

@Suite("Problems of a routes file")
struct RoutesProblemTests {
  static let secret = RoutesFixture.secret

  /// Lines from 8 on, at the depth of a subscriber's keys.
  static let subscriberLines: [BadLine] = [
    BadLine("tiemout: 10s", #"8:5: unknown key "tiemout"; did you mean "timeout"?"#),
    BadLine("connectTimeout: 1s", #"8:5: did you mean "connect_timeout"?"#),
    BadLine("zzz: 1", #"8:5: unknown key "zzz"; a subscriber takes name, url,"#),
    BadLine("timeout: 10", #"8:14: "10" is not a duration; "timeout" takes a whole number and one of ms, s, m, h, d"#),
    BadLine("timeout: 1ms", #"8:14: "timeout" must be from 10ms to 10m, not "1ms""#),
    BadLine("connect_timeout: 1h", #"8:22: "connect_timeout" must be from 10ms to 10m"#),
    BadLine("timeout: [10s]", #"8:14: "timeout" must be a single value, not a list"#),
    BadLine("timeout:", #"8:13: "timeout" has no value"#),
    BadLine("timeout: ''", #"8:14: "timeout" is empty"#),
    BadLine("concurrency: 0", #"8:18: "concurrency" must be a whole number from 1 to 1024, not "0""#),
    BadLine("concurrency: 1025", #"8:18: from 1 to 1024"#),
    BadLine("concurrency: many", #"8:18: "concurrency" must be a whole number"#),
    BadLine("concurrency: 1.5", #"8:18: not "1.5""#),
    BadLine(#"concurrency: "16""#, #"8:18: "concurrency" must be a whole number, not text; remove the quotes"#),
    BadLine("paused: yes", #"8:13: "paused" must be true or false, not "yes""#),
    BadLine("keep: 0s", #"8:11: "keep" must be from 1ms to 3650d"#),
    BadLine("start: tomorrow", #"8:12: "start" must be now, earliest or a time"#),
    BadLine("start: earlyest", #"8:12: did you mean "earliest"?"#),
    BadLine("start: 2026-02-30T00:00:00Z", #"8:12: "start" must be now, earliest or a time"#),
    BadLine("start: 9999-01-01T00:00:00Z", #"8:12: "start" must not lie in the future"#),
    BadLine("start: 2026-11-20", #"8:12: "start" must be"#),
    BadLine("start: 2026-11-20T20:36:00Zulu", #"8:12: "start" must be"#),
    BadLine("private_addresses: forbid", #"8:24: "private_addresses" must be allow or deny, not "forbid""#),
    BadLine("owner: {team: a}", #"8:12: "owner" must be a single value, not a mapping"#),
    BadLine("apps: [1400000001]", #"8:12: the app 1400000001 is not in "apps""#),
    BadLine("apps: []", #"8:11: "apps" must hold from 1 to"#),
    BadLine("apps: [x]", #"8:12: "apps" must be a positive whole number"#),
    BadLine("secrets: []\n    unsigned: false", #"9:5: the key "unsigned" already stands at"#),
    BadLine("secrets: [\(secret)]", #"8:14: either "secrets" or "unsigned: true""#),
    BadLine("retry: 3", #"8:12: "retry" must be a mapping of keys to values, not a single value"#),
    BadLine("retry: {delay: [1s]}", #"8:13: unknown key "delay"; did you mean "delays"?"#),
    BadLine("retry: {delays: []}", #"8:21: "delays" must hold from 1 to 64 items; it holds 0"#),
    BadLine("retry: {delays: 5s}", #"8:21: "delays" must be a list, as in [a, b], not a single value"#),
    BadLine("retry: {delays: [1s, 5]}", #"8:26: "5" is not a duration"#),
    BadLine("retry: {jitter: 1.1}", #"8:21: "jitter" must be a number from 0.0 to 1.0, not "1.1""#),
    BadLine("retry: {jitter: nan}", #"8:21: "jitter" must be a number"#),
    BadLine("retry: {give_up_after: 0s}", #"8:28: "give_up_after" must be from 1ms"#),
    BadLine("retry: {retry_after_max: 31d}", #"8:30: "retry_after_max" must be from 0s to 30d"#),
    BadLine(
      "retry: {permanent_statuses: [200]}", #"8:34: "permanent_statuses" must be a whole number from 400 to 599"#),
    BadLine("headers: [a]", #"8:14: "headers" must be a mapping of names to values, not a list"#),
    BadLine("headers: {Content-Type: x}", #"8:15: the header "Content-Type" is the gateway's own"#),
    BadLine("headers: {webhook-ID: x}", #"8:15: the gateway's own"#),
    BadLine("headers: {Switchyard-Via: x}", #"8:15: the gateway's own"#),
    BadLine("headers: {x-switchyard-admin: 1}", #"8:15: the gateway's own"#),
    BadLine("headers: {Content-Encoding: gzip}", #"8:15: the gateway's own"#),
    BadLine("headers: {Webhook_Signature: x}", #"8:15: the gateway's own"#),
    BadLine("headers: {user_agent: x}", #"8:15: the gateway's own"#),
    BadLine("headers: {HOST: x}", #"8:15: the gateway's own"#),
    BadLine(#"headers: {"X Y": x}"#, #"8:15: "X Y" is not the name of a header"#),
    BadLine("headers: {X-A: 1, x-a: 2}", #"8:23: the header "x-a" stands here twice"#),
    BadLine(#"headers: {X-A: "1\r\nX-B: 2"}"#, #"8:20: holds a line break or another control character"#),
    BadLine(#"headers: {X-A: ""}"#, #"8:20: "X-A" is empty"#),
    BadLine("headers: {X-A: [1]}", #"8:20: "X-A" must be a single value, not a list"#),
    BadLine("format: xml", #"8:13: "format" must be event or batch or original, not "xml""#),
    BadLine(
      "format: original\n    ordering: key",
      #"9:15: "format: original" sends callbacks unsplit, which have no ordering key; remove "ordering: key""#),
    BadLine("ordering: strict", #"8:15: "ordering" must be none or key, not "strict""#),
    BadLine("rate_limit: 500", #"8:17: "rate_limit" must be none, or a number from 1 to 1000000 and /s"#),
    BadLine("rate_limit: 0/s", #"8:17: not "0/s""#),
    BadLine("rate_limit: 5/d", #"8:17: not "5/d""#),
    BadLine("rate_limit: -5/s", #"8:17: not "-5/s""#),
    BadLine("rate_limit: 1000001/s", #"8:17: not "1000001/s""#),
    BadLine("rate_limit: [5/s]", #"8:17: "rate_limit" must be a single value"#),
    BadLine("match: [a]", #"8:12: "match" must be a mapping of keys to values, not a list"#),
    BadLine("match: {form: [a]}", #"8:13: unknown key "form"; did you mean "from"?"#),
    BadLine("match: {command: [a]}", #"8:13: unknown key "command"; "match" takes from, to, group, account"#),
    BadLine("match: {from: a*}", #"8:19: "from" must be a list, as in [a, b], not a single value"#),
    BadLine("match: {from: []}", #"8:19: "from" must hold from 1 to 1000 items; it holds 0"#),
    BadLine("match:\n      group:", #"9:13: "group" must be a list, as in [a, b], not nothing"#),
    BadLine(#"match: {to: [a, ""]}"#, #"8:21: "to" is empty; give it a value, or remove it"#),
    BadLine("match: {to: [[a]]}", #"8:18: "to" must be a single value, not a list"#),
    BadLine("match: {to: [*]}", #"8:19: a text that starts with "*" or "&" must stand in quotes"#),
    BadLine(
      "match: {account: [\(String(repeating: "é", count: 129))]}",
      #"8:23: a pattern of "account" is longer than 256 bytes"#),
    BadLine(
      "match: {to: [\(String(repeating: "a,", count: 1001))]}", #"8:17: "to" must hold from 1 to 1000 items; it holds"#),
    BadLine("batch: 5", #"8:12: "batch" must be a mapping"#),
    BadLine("batch: {max_events: 0}", #"8:25: "max_events" must be a whole number from 1 to 1000"#),
    BadLine("batch: {max_wait: 2m}", #"8:23: "max_wait" must be from 0s to 1m"#),
    BadLine("breaker: {open: 3}", #"8:15: unknown key "open"; "breaker" takes open_after, probe_every"#),
    BadLine("breaker: {open_after: 0}", #"8:27: "open_after" must be a whole number from 1 to 1000"#),
    BadLine("breaker: {probe_every: 1ms}", #"8:28: "probe_every" must be from 10ms to 1d"#),
    BadLine("tls: {ca_file: ca.pem}", #"8:20: the file "ca.pem" cannot be read"#),
    BadLine("owner: ${OWNER}", #"8:12: the environment variable "OWNER" is not set or is empty; set it"#),
    BadLine(
      "owner: ${file:owner.txt}", #"8:12: the file "owner.txt" that is referred to cannot be read: No such file"#),
    BadLine("owner: ${OWNER", #"8:12: a reference that starts with "${" has no "}""#),
    BadLine("owner: ${9}", #"8:12: a reference is ${NAME}, ${NAME:-default} or ${file:PATH}"#),
    BadLine("owner: ${OWNER:-}", #"8:12: the default of "${OWNER:-}" is empty"#),
    BadLine("<<: {timeout: 1s}", #"8:5: merge keys ("<<") are not supported"#),
    BadLine("owner: !team a", "8:12: YAML tags"),
  ]

  @Test("a subscriber's setting is refused at its place", arguments: subscriberLines)
  func subscriberSetting(_ line: BadLine) throws {
    let fixture = try RoutesFixture(
      """
      version: 1
      apps: [{sdkappid: 1400000000, tokens: [t]}]
      subscribers:
        - name: audit
          url: https://audit.example/
          events: ["*"]
          unsigned: true
          \(line.text)
      """)
    expect(fixture.problems(), are: [line.problem])
  }

  /// Lines from 3 on, at the depth of an app's keys.
  static let appLines: [BadLine] = [
    BadLine("tokns: [a]", #"4:5: unknown key "tokns"; did you mean "tokens"?"#),
    BadLine("tokens: secret-token", #"4:13: "tokens" must be a list, as in [a, b], not a single value"#),
    BadLine("tokens: [{a: b}]", #"4:14: "tokens" must be a single value, not a mapping"#),
    BadLine(#"tokens: ["a\nb"]"#, #"4:14: a token holds a line break"#),
    BadLine("clock_tolerance: 1 m", #"4:22: "1 m" is not a duration"#),
    BadLine("allow_ips: [10.0.0.0/33]", #"4:17: "10.0.0.0/33" is neither an address nor a CIDR"#),
    BadLine("allow_ips: [10.0.0.1, ten]", #"4:27: "ten" is neither an address nor a CIDR"#),
    BadLine("allow_ips: []", #"4:16: "allow_ips" must hold from 1 to 10000 items; it holds 0"#),
    BadLine("allow_ips:", #"4:15: "allow_ips" must be a list, as in [a, b], not nothing"#),
    BadLine("allow_ips_file: none.txt", #"4:21: the file "none.txt" cannot be read: No such file or directory"#),
    BadLine("allow_ips_file: .", #"4:21: the file "." cannot be read: it is not a regular file"#),
    BadLine("allow_ips_mode: deny", #"4:21: "allow_ips_mode" must be enforce or report, not "deny""#),
    BadLine("duplicates: body", #"4:17: "duplicates" must be a mapping"#),
    BadLine(
      "duplicates: {by: bodi}", #"4:22: "by" must be request-id or body or none, not "bodi"; did you mean "body"?"#),
    BadLine("duplicates: {within: 0s}", #"4:26: "within" must be from 1ms"#),
  ]

  @Test("an app's setting is refused at its place", arguments: appLines)
  func appSetting(_ line: BadLine) throws {
    let fixture = try RoutesFixture(
      """
      version: 1
      apps:
        - sdkappid: 1400000000
          \(line.text)
      """)
    let problems = fixture.problems().filter { !$0.contains("warning") }
    expect(problems, are: [line.problem])
  }

  /// Whole files.
  static let files: [BadLine] = [
    BadLine("apps: []", #"1:1: the routes file needs "version: 1""#),
    BadLine("version: 2", #"1:10: version "2" is not supported"#),
    BadLine("version: one", #"1:10: version "one" is not supported"#),
    BadLine("version: 1\nsubscriber: []", #"2:1: unknown key "subscriber"; did you mean "subscribers"?"#),
    BadLine("version: 1\nsubscribers: {a: b}", #"2:14: "subscribers" must be a list"#),
    BadLine(
      "version: 1\nsubscribers: [a]", #"2:15: a subscriber must be a mapping of keys to values, not a single value"#),
    BadLine("version: 1\napps: [1400000000]", #"2:8: an app must be a mapping"#),
    BadLine("version: 1\napps: [{tokens: [a]}]", #"2:8: an app needs "sdkappid""#),
    BadLine("version: 1\napps: [{sdkappid: -5, tokens: [a]}]", #"2:19: "sdkappid" must be a positive whole number"#),
    BadLine("version: 1\ndecisions: [a]", "2:13: a decision must be a mapping"),
    BadLine("version: 1\ndefaults: 5", #"2:11: "defaults" must be a mapping"#),
    BadLine("version: 1\ndefaults: {url: x}", #"2:12: "url" may not stand in "defaults""#),
    BadLine("version: 1\ndefaults: {timeout: x}", #"2:21: "x" is not a duration"#),
    BadLine("version: 1\ndefaults: {unsigned: 1}", #"2:22: "unsigned" must be true or false"#),
    BadLine("- a", "1:1: the routes file must be a mapping of keys to values, not a list"),
    BadLine("version: 1\nversion: 1", #"2:1: the key "version" already stands at"#),
    BadLine("version: 1\n---\nversion: 1", "2:1: more than one YAML document"),
    BadLine("version: 1\nsubscribers:\n\t- a", "3:1: indent with spaces instead of tabs"),
    BadLine("version: 1\nsubscribers: [", "3:1: this is not YAML: did not find expected node content"),
    BadLine("version: 1\nevents: [*]", "2:11: must stand in quotes"),
    BadLine("version: 1\nevents: *all", "2:9: must stand in quotes"),
    BadLine("version: 1\n? [a]\n: b", "2:3: a key must be plain text"),
    BadLine("version: 1\nsubscribers: [\u{1}]", "2:15: this is not YAML: control characters are not allowed"),
  ]

  @Test("a bad file is refused at its place", arguments: files)
  func file(_ line: BadLine) throws {
    let problems = try RoutesFixture(line.text + "\n").problems().filter { !$0.contains("warning") }
    expect(problems, are: [line.problem])
  }

  @Test("an empty file, and one of comments alone, need a version", arguments: ["", "# nothing\n"])
  func emptyFile(_ text: String) throws {
    expect(try RoutesFixture(text).problems(), are: [#"1:1: the file is empty; it starts with "version: 1""#])
  }

  @Test("a file that is not there is refused with the system's reason")
  func missingFile() throws {
    let fixture = try RoutesFixture()
    try fixture.folder.remove("routes.yaml")
    expect(fixture.problems(), are: [": the file cannot be read: No such file or directory"])
  }

  @Test("a file that is not UTF-8 or is too large is refused")
  func unreadableFile() throws {
    let fixture = try RoutesFixture()
    try fixture.folder.write(.init([0x61, 0xFF]), to: "routes.yaml")
    expect(fixture.problems(), are: [": the file cannot be read: it is not UTF-8 text"])
    try fixture.folder.write(String(repeating: "#\n", count: 600_000), to: "routes.yaml")
    expect(fixture.problems(), are: [": the file cannot be read: it is larger than 1MiB"])
  }

  @Test("a few aliases that stand for billions of nodes are refused")
  func aliasBomb() throws {
    let levels = (1...9).map { level in
      "a\(level): &a\(level) [\(Array(repeating: "*a\(level - 1)", count: 9).joined(separator: ", "))]"
    }
    let fixture = try RoutesFixture((["version: 1", "a0: &a0 [x, x]"] + levels).joined(separator: "\n"))
    expect(fixture.problems(), are: [": more than 250000 values"])
  }

  @Test("all problems of all files are reported at once, by file, line and column")
  func everythingAtOnce() throws {
    let fixture = try RoutesFixture(
      """
      version: 1
      include: [more.yaml]
      apps:
        - sdkappid: 1400000000
          tokens: ["${NO_TOKEN}"]
          allow_ips: [1.2.3.4.5, also-bad]
        - sdkappid: 1400000000
          tokens: [b]
      defaults:
        timeout: soon
        speed: 5
      subscribers:
        - name: Audit
          url: ftp://audit.example
          events: [blocklst.*]
        - name: twice
          url: https://a.example
          secrets: [whsec_short]
          events: ["*"]
        - name: twice
          url: https://a.example
          secrets: [\(Self.secret)]
          events: ["*"]
      """, files: ["more.yaml": "apps: []\nsubscribers:\n- name: third\n"])
    expect(
      fixture.problems(),
      are: [
        #"more.yaml:1:1: unknown key "apps"; an included file takes version, subscribers"#,
        #"more.yaml:3:3: a subscriber needs "events""#,
        #"more.yaml:3:3: a subscriber needs "secrets""#,
        #"more.yaml:3:3: a subscriber needs "url""#,
        #"5:14: the environment variable "NO_TOKEN" is not set"#,
        #"6:17: "1.2.3.4.5" is neither an address nor a CIDR"#,
        #"6:28: "also-bad" is neither"#,
        #"7:5: the app 1400000000 already stands at \#(fixture.path):4"#,
        #"10:12: "soon" is not a duration"#,
        #"11:3: unknown key "speed""#,
        #"13:5: a subscriber needs "secrets""#,
        #"13:11: the name "Audit" must be 1 to 63 of a-z, 0-9 and "-""#,
        #"14:10: the URL must start with http:// or https://"#,
        #"15:14: "blocklst.*" matches no event; did you mean "blocklist.*"?"#,
        #"18:15: this is not a secret: it must be whsec_"#,
        #"20:5: the name "twice" is already taken at \#(fixture.path):16"#,
      ])
  }

  @Test("no problem shows a secret, a token, a URL or what a reference stands for")
  func nothingSecretIsShown() throws {
    let fixture = try RoutesFixture(
      """
      version: 1
      apps: [{sdkappid: 1400000000, tokens: hush-1}, {sdkappid: "${S}", tokens: ["a\\nhush-2"]}]
      subscribers:
        - name: ${S}
          url: https://user:hush-3@a.example
          secrets: [whsk_hush, hush-4, "${S}", [hush-5]]
          events: ["${S}", whsec_hush6]
          headers: {X-A: "hush-7\\u0001", Host: hush-8}
          timeout: ${S}
          concurrency: ${S}
          start: ${S}
          owner: "hush-9\\n"
      """, environment: ["S": "hush-0"])
    let problems = fixture.problems()
    #expect(problems.count > 10)
    #expect(!problems.contains { $0.contains("hush") }, "\(problems)")
  }

  @Test("a name and an app that stand twice by a reference are told as they are written")
  func repeatedReferences() throws {
    let fixture = try RoutesFixture(
      """
      version: 1
      apps: [{sdkappid: "${ID}", tokens: [a]}, {sdkappid: "${ID}", tokens: [a]}]
      subscribers:
        - {name: "${NAME}", url: "https://a.example", unsigned: true, events: ["*"]}
        - {name: "${NAME}", url: "https://a.example", unsigned: true, events: ["*"]}
      """, environment: ["ID": "1400000000", "NAME": "hush"])
    expect(
      fixture.problems(),
      are: [
        #"2:42: the app ${ID} already stands at \#(fixture.path):2"#,
        #"5:5: the name "${NAME}" is already taken at \#(fixture.path):4"#,
      ])
  }
}
