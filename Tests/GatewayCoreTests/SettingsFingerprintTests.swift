import GatewayCore
import OrderedCollections
import Testing

@Suite("The fingerprint of settings")
struct SettingsFingerprintTests {
  private static let endpoint = Endpoint(
    url: "https://a.example", timeout: .seconds(10), connectTimeout: .seconds(3), privateAddresses: .allow)
  private static let subscriber = Subscriber(
    name: "a", endpoint: endpoint, secrets: [Secret("one")], events: [EventPattern("*")!])

  @Test("of a subscriber differs when anything of it differs")
  func subscribers() {
    let changes: [(inout Subscriber) -> Void] = [
      { $0.name = "b" }, { $0.endpoint.url = "https://b.example" }, { $0.endpoint.timeout = .seconds(9) },
      { $0.endpoint.connectTimeout = .seconds(9) }, { $0.endpoint.privateAddresses = .deny },
      { $0.endpoint.tls = TLSSettings(authorities: [1], identity: nil) },
      {
        $0.endpoint.tls = TLSSettings(
          authorities: nil, identity: ClientIdentity(certificates: [1], key: SecretBytes([2])))
      },
      { $0.secrets = [Secret("two")] }, { $0.secrets += [Secret("two")] }, { $0.events = [EventPattern("friend.*")!] },
      { $0.apps = [AppID(rawValue: 1)] }, { $0.apps = [] },
      { $0.match = EventMatch([EventMatch.Condition(field: .from, globs: [Glob("a")])]) },
      { $0.match = EventMatch([EventMatch.Condition(field: .to, globs: [Glob("a")])]) },
      { $0.format = .batch }, { $0.batch = BatchPolicy(maxEvents: 7) },
      { $0.batch = BatchPolicy(maxWait: .seconds(7)) }, { $0.ordering = .key }, { $0.start = .earliest },
      { $0.start = .at(Timestamp(seconds: 7)) }, { $0.concurrency = 7 },
      { $0.rateLimit = RateLimit(count: 7, period: .seconds(1)) },
      { $0.rateLimit = RateLimit(count: 7, period: .seconds(60)) }, { $0.retry = RetryPolicy(delays: [.seconds(7)]) },
      { $0.retry = RetryPolicy(jitter: 0.1) }, { $0.retry = RetryPolicy(giveUpAfter: .seconds(7)) },
      { $0.retry = RetryPolicy(retryAfterMax: .seconds(7)) }, { $0.retry = RetryPolicy(permanentStatuses: [400]) },
      { $0.breaker = BreakerPolicy(openAfter: 7) }, { $0.breaker = BreakerPolicy(probeEvery: .seconds(7)) },
      { $0.keep = .seconds(7) }, { $0.headers = [WebhookRequest.Header(name: "X", value: Secret("1"))] },
      { $0.headers = [WebhookRequest.Header(name: "X", value: Secret("2"))] }, { $0.owner = "o" }, { $0.owner = "" },
      { $0.paused = true },
    ]
    var seen = [Self.subscriber.fingerprint(PlainDigest())]
    for change in changes {
      var changed = Self.subscriber
      change(&changed)
      seen.append(changed.fingerprint(PlainDigest()))
    }
    #expect(Set(seen).count == changes.count + 1)
    #expect(seen.allSatisfy { $0.wholeMatch(of: /[0-9a-f]{16}/) != nil })
    // What is added to a subscriber belongs into its fingerprint, and into the list above.
    #expect(Mirror(reflecting: Self.subscriber).children.count == 18)
    #expect(Mirror(reflecting: Self.endpoint).children.count == 5)
  }

  @Test("of an app and of decisions differ when anything of them differs")
  func appsAndDecisions() {
    let app = AppConfiguration(id: AppID(rawValue: 1))
    let changes: [(inout AppConfiguration) -> Void] = [
      { $0.id = AppID(rawValue: 2) }, { $0.tokens = [Secret("a")] }, { $0.clockTolerance = .seconds(7) },
      { $0.allowedAddresses = [] }, { $0.allowMode = .report }, { $0.duplicates = .none },
      { $0.duplicates = .byBody(within: .seconds(1)) }, { $0.duplicates = .byBody(within: .seconds(2)) },
    ]
    let apps = changes.map { change in
      var changed = app
      change(&changed)
      return changed.fingerprint(PlainDigest())
    }
    #expect(Set(apps + [app.fingerprint(PlainDigest())]).count == changes.count + 1)
    #expect(Mirror(reflecting: app).children.count == 6)

    var routes = Routes(apps: [:], subscribers: [:], fingerprint: "")
    let none = routes.decisionsFingerprint(PlainDigest())
    let decision = Decision(commands: ["a"], endpoint: Self.endpoint, secrets: [])
    var seen = [none]
    let variants: [(inout Decision) -> Void] = [
      { _ in }, { $0.commands = ["b"] }, { $0.apps = [AppID(rawValue: 1)] }, { $0.endpoint.timeout = .seconds(1) },
      { $0.secrets = [Secret("a")] }, { $0.headers = [WebhookRequest.Header(name: "X", value: Secret("1"))] },
      { $0.onFailure = .deny }, { $0.misconfigured = "no" },
    ]
    for variant in variants {
      var changed = decision
      variant(&changed)
      routes.decisions = [changed]
      seen.append(routes.decisionsFingerprint(PlainDigest()))
    }
    #expect(Set(seen).count == variants.count + 1)
  }

  /// Not a digest to trust, but one that tells two texts apart.
  private struct PlainDigest: Digest {
    func sha256(_ parts: [[UInt8]]) -> [UInt8] {
      let hash = parts.joined().reduce(14_695_981_039_346_656_037) { ($0 ^ UInt64($1)) &* 1_099_511_628_211 }
      return withUnsafeBytes(of: hash.bigEndian) { Array($0) } + Array(repeating: 0, count: 24)
    }

    func constantTimeEqual(_ left: [UInt8], _ right: [UInt8]) -> Bool { left == right }
  }
}
