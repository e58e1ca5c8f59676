import GatewayCore
import OrderedCollections
import Testing

@testable import RoutesFile

@Suite("The last good copy")
struct LastGoodCopyTests {
  private func fixture(environment: [String: String]) throws -> RoutesFixture {
    try RoutesFixture(
      """
      version: 1
      include: [more/*.yaml]
      apps:
        - {sdkappid: 1, tokens: ["${TOKEN}"]}
        - {sdkappid: 2, tokens: [t]}
      defaults: {headers: {X-A: "${HEADER}"}}
      subscribers:
        - {name: plain, url: "https://a.example", unsigned: true, events: ["*"], headers: {}, apps: [1]}
        - {name: inherits, url: "https://a.example", unsigned: true, events: ["*"]}
      """,
      files: [
        "more/a.yaml":
          "subscribers: [{name: f, url: 'https://a.example', secrets: ['${file:secret}'], events: ['*'], headers: {}}]",
        "secret": RoutesFixture.secret,
      ], environment: environment)
  }

  private let environment = ["TOKEN": "token-value", "HEADER": "header-value"]

  @Test("it gives the same routes again after the files have gone, and holds no resolved reference")
  func sameRoutes() throws {
    let fixture = try fixture(environment: environment)
    let loaded = try fixture.load()
    try fixture.folder.write("broken: [", to: "routes.yaml")
    try fixture.folder.remove("more/a.yaml")
    let again = try fixture.loader.load(copy: loaded.copy)
    #expect(again.routes == loaded.routes)
    #expect(again.routes.subscribers.count == 3 && again.routes.misconfigured.isEmpty)
    #expect(again.copy == loaded.copy)
    let text = String(decoding: loaded.copy, as: UTF8.self)
    #expect(!text.contains("token-value") && !text.contains("header-value") && !text.contains(RoutesFixture.secret))
  }

  @Test("a missing reference disables its subscriber alone")
  func misconfigured() throws {
    let fixture = try fixture(environment: environment)
    let copy = try fixture.load().copy
    try fixture.folder.remove("secret")
    let routes = try fixture.loader.load(copy: copy).routes
    #expect(routes.subscribers.keys == ["plain", "inherits"])
    #expect(routes.misconfigured.keys == ["f"])
    #expect(routes.misconfigured["f"]?.contains(#"the file "secret" that is referred to cannot be read"#) == true)
  }

  @Test("one that is missing in the defaults disables those that use it")
  func misconfiguredDefaults() throws {
    var fixture = try fixture(environment: environment)
    let copy = try fixture.load().copy
    fixture.environment["HEADER"] = nil
    let routes = try fixture.loader.load(copy: copy).routes
    #expect(routes.subscribers.keys == ["plain", "f"])
    #expect(routes.misconfigured.keys == ["inherits"])
  }

  @Test("an app whose token is missing is left out with a warning: its callbacks could not be checked")
  func appLeftOut() throws {
    var fixture = try fixture(environment: environment)
    let copy = try fixture.load().copy
    fixture.environment["TOKEN"] = nil
    let loaded = try fixture.loader.load(copy: copy)
    #expect(loaded.routes.apps.keys.map(\.rawValue) == [2])
    #expect(loaded.routes.subscribers.count == 3, "a subscriber of that app still gets what was accepted before")
    #expect(loaded.warnings.map(\.line) == [4])
    #expect(
      loaded.warnings.first?.message.contains("callbacks of this app are refused until this is put right") == true)
  }

  @Test("what is not a copy is refused", arguments: ["", "{}", "version: 1"])
  func notACopy(_ text: String) throws {
    let loader = try RoutesFixture().loader
    #expect(throws: RoutesRejected.self) { try loader.load(copy: Array(text.utf8)) }
  }
}
