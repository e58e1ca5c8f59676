import Foundation
import GatewayCore
import OrderedCollections
import Testing

@testable import RoutesFile

@Suite("routes.yaml.example")
struct RoutesExampleTests {
  private var example: String {
    get throws {
      let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()
      return try String(contentsOf: root.appendingPathComponent("routes.yaml.example"), encoding: .utf8)
    }
  }

  /// What the settings that are commented out refer to.
  private static let files = [
    "allow_ips.txt": "192.0.2.1", "tls/ca.pem": "certificate a", "tls/client.pem": "certificate b",
    "tls/client.key": "key b",
  ]

  @Test("it loads as it is, with nothing to warn of")
  func loads() throws {
    let loaded = try RoutesFixture(try example).load()
    #expect(loaded.warnings.isEmpty)
    #expect(loaded.routes.apps.keys.map(\.rawValue) == [1_400_000_000])
    #expect(
      loaded.routes.subscribers.values.map { [$0.name, $0.endpoint.url] + $0.events.map(\.text) } == [
        ["audit", "http://127.0.0.1:9101", "*"],
        ["moderation", "http://127.0.0.1:9102", "blocklist.*", "Sns.CallbackFriendAdd"],
      ])
    #expect(loaded.routes.subscribers.values.allSatisfy { $0.secrets.count == 1 })
  }

  @Test("each setting that is commented out may be put in, and stands at its default")
  func commentedSettings() throws {
    let setting = /^( *)#(?=\S)/.anchorsMatchLineEndings()
    let all = try example.replacing(setting) { $0.1 }
    let loaded = try RoutesFixture(all, files: Self.files).load()
    #expect(loaded.warnings.isEmpty)
    var routes = loaded.routes
    let plain = try RoutesFixture(try example).load().routes
    routes.fingerprint = plain.fingerprint
    for name in routes.subscribers.keys {
      // These have no default that could be written down.
      #expect(routes.subscribers[name]?.headers.map(\.name) == ["Authorization"])
      #expect(routes.subscribers[name]?.owner == "example-team")
      #expect(routes.subscribers[name]?.apps == [AppID(rawValue: 1_400_000_000)])
      #expect(routes.subscribers[name]?.match?.conditions.map(\.field) == EventMatch.Field.allCases)
      routes.subscribers[name]?.headers = []
      routes.subscribers[name]?.owner = nil
      routes.subscribers[name]?.apps = nil
      routes.subscribers[name]?.match = nil
    }
    let id = AppID(rawValue: 1_400_000_000)
    #expect(routes.apps[id]?.allowedAddresses?.count == 3)
    routes.apps[id]?.allowedAddresses?.removeLast()
    #expect(routes == plain)
  }

  @Test("it names every setting that this version reads")
  func namesEverySetting() throws {
    let text = try example
    let keys =
      AppReader.keys + DecisionReader.keys + MatchReader.keys + RetryReader.keys + TLSReader.keys
      + SubscriberReader.keys
    for key in keys { #expect(text.contains("\(key):"), "\(key)") }
  }
}
