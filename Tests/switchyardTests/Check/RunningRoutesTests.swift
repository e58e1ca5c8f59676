import GatewayCore
import OpenSSLSigner
import OrderedCollections
import Testing

@testable import switchyard

@Suite("What a file would change in a running gateway")
struct RunningRoutesTests {
  private static let digest = OpenSSLDigest()

  private static func subscriber(_ name: String, url: String = "https://a.example") -> Subscriber {
    Subscriber(
      name: name,
      endpoint: Endpoint(url: url, timeout: .seconds(10), connectTimeout: .seconds(3), privateAddresses: .allow),
      secrets: [], events: [])
  }

  private static func routes(_ subscribers: [Subscriber], apps: [AppConfiguration] = []) -> Routes {
    Routes(
      apps: OrderedDictionary(uniqueKeysWithValues: apps.map { ($0.id, $0) }),
      subscribers: OrderedDictionary(uniqueKeysWithValues: subscribers.map { ($0.name, $0) }), fingerprint: "")
  }

  private static func running(_ routes: Routes) -> RunningRoutes {
    RunningRoutes(
      subscribers: Dictionary(
        uniqueKeysWithValues: routes.subscribers.values.map { ($0.name, $0.fingerprint(digest)) }),
      apps: Dictionary(
        uniqueKeysWithValues: routes.apps.values.map { ($0.id.description, $0.fingerprint(digest)) }),
      decisions: routes.decisionsFingerprint(digest))
  }

  @Test("is nothing where it is the same")
  func same() {
    let routes = Self.routes([Self.subscriber("a")], apps: [AppConfiguration(id: AppID(rawValue: 1))])
    #expect(Self.running(routes).difference(to: routes, digest: Self.digest).isEmpty)
  }

  @Test("is told by names: added and changed ones in the file's order")
  func subscribers() {
    let old = Self.routes([Self.subscriber("a"), Self.subscriber("b"), Self.subscriber("z"), Self.subscriber("c")])
    let new = Self.routes([
      Self.subscriber("y"), Self.subscriber("b", url: "https://b.example"), Self.subscriber("a"), Self.subscriber("x"),
    ])
    let difference = Self.running(old).difference(to: new, digest: Self.digest)
    #expect(difference.subscribers == .init(added: ["y", "x"], removed: ["c", "z"], changed: ["b"]))
    #expect(difference.apps.isEmpty && !difference.decisionsChanged)
    #expect(
      difference.lines == [
        "  + subscriber y", "  + subscriber x", "  - subscriber c", "  - subscriber z", "  ~ subscriber b",
      ])
  }

  @Test("counts one that is misconfigured there as changed, not as added")
  func misconfigured() {
    var running = Self.running(Self.routes([Self.subscriber("a")]))
    running.subscribers["a"] = .some(nil)
    let difference = running.difference(to: Self.routes([Self.subscriber("a")]), digest: Self.digest)
    #expect(difference.subscribers == .init(changed: ["a"]))
  }

  @Test("tells of apps and decisions")
  func others() {
    let app = AppID(rawValue: 1)
    let running = Self.running(
      Self.routes([], apps: [AppConfiguration(id: app), AppConfiguration(id: AppID(rawValue: 3))]))
    var new = Self.routes(
      [], apps: [AppConfiguration(id: app, allowMode: .report), AppConfiguration(id: AppID(rawValue: 2))])
    new.decisions = [
      Decision(
        commands: ["C2C.CallbackBeforeSendMsg"], apps: nil, endpoint: Self.subscriber("a").endpoint, secrets: [],
        headers: [], onFailure: .allow)
    ]
    let difference = running.difference(to: new, digest: Self.digest)
    #expect(difference.apps == .init(added: ["2"], removed: ["3"], changed: ["1"]))
    #expect(difference.decisionsChanged)
    #expect(difference.lines.last == "  ~ decisions")
  }
}
