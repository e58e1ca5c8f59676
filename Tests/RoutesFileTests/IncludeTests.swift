import GatewayCore
import OrderedCollections
import Testing

@testable import RoutesFile

@Suite("Includes")
struct IncludeTests {
  private func subscriber(_ name: String, _ more: String = "") -> String {
    "{name: \(name), url: 'https://a.example', unsigned: true, events: ['*']\(more)}"
  }

  private func routes(_ include: String) -> String {
    "version: 1\ninclude: \(include)\napps: [{sdkappid: 1, tokens: [t]}]\nsubscribers: [\(subscriber("main"))]\n"
  }

  @Test("a pattern's files come in the order of their names, each once, after the routes file")
  func order() throws {
    let fixture = try RoutesFixture(
      routes("[subscribers.d/*.yaml, more.yaml, 'subscribers.d/b*']"),
      files: [
        "subscribers.d/b.yaml": "subscribers: [\(subscriber("b"))]", "subscribers.d/.hidden.yaml": "nonsense: [",
        "subscribers.d/a.yaml": "version: 1\nsubscribers:\n- \(subscriber("a1"))\n- \(subscriber("a2"))",
        "subscribers.d/c.txt": "nonsense: [", "more.yaml": "subscribers:",
      ])
    #expect(try fixture.load().routes.subscribers.keys == ["main", "a1", "a2", "b"])
  }

  @Test("a pattern may match nothing, and passes over the routes file itself")
  func noMatch() throws {
    #expect(try RoutesFixture(routes("[none.d/*.yaml, '*.yaml']")).load().routes.subscribers.keys == ["main"])
  }

  @Test("the folder's own name may hold what is special in patterns")
  func specialFolder() throws {
    let folder = try TemporaryFolder()
    try folder.write(routes("['*.inc']"), to: "[x]*/routes.yaml")
    try folder.write("subscribers: [\(subscriber("a"))]", to: "[x]*/a.inc")
    let loaded = try RoutesFixture().loader.load(path: folder["[x]*/routes.yaml"])
    #expect(loaded.routes.subscribers.keys == ["main", "a"])
  }

  @Test("a plain name must be there, and an included file holds subscribers alone")
  func badIncludes() throws {
    let fixture = try RoutesFixture(
      routes("[gone.yaml, a.yaml, b.yaml]"),
      files: ["a.yaml": "version: 2\ninclude: [x]\n", "b.yaml": "subscribers: [\(subscriber("main"))]"])
    expect(
      fixture.problems(),
      are: [
        #"a.yaml:1:10: version "2" is not supported"#, #"a.yaml:2:1: unknown key "include""#,
        #"b.yaml:1:15: the name "main" is already taken at \#(fixture.path):4"#,
        "2:11: gone.yaml cannot be read: No such file or directory",
      ])
  }

  @Test("defaults hold for included subscribers, and their files are relative to the routes file")
  func defaultsAndPaths() throws {
    let fixture = try RoutesFixture(
      routes("[d/a.yaml]") + "defaults: {timeout: 4s}\n",
      files: ["d/a.yaml": "subscribers: [\(subscriber("a", ", owner: '${file:owner}'"))]", "owner": "team"])
    let subscriber = try #require(try fixture.load().routes.subscribers["a"])
    #expect(subscriber.owner == "team" && subscriber.endpoint.timeout == .seconds(4))
  }

  @Test("too many files are refused")
  func tooMany() throws {
    let fixture = try RoutesFixture(
      routes("['d/*']"), files: Dictionary(uniqueKeysWithValues: (0...256).map { ("d/\($0)", "subscribers:") }))
    expect(fixture.problems(), are: [#"2:11: "include" names more than 256 files"#])
  }

  @Test("files are named as the operator named the routes file")
  func names() {
    let folder = RoutesFolder(ofFileAt: "etc/routes.yaml")
    #expect(folder.path.hasPrefix("/") && folder.path.hasSuffix("/etc"))
    #expect(folder.shown(folder.absolute("d/a.yaml")) == "etc/d/a.yaml")
    #expect(folder.shown("/elsewhere") == "/elsewhere")
    #expect(RoutesFolder(ofFileAt: "routes.yaml").shown(RoutesFolder.absoluteFile("d/a.yaml")) == "d/a.yaml")
    #expect(RoutesFolder(ofFileAt: "/routes.yaml").absolute("a") == "/a")
  }
}
