import Foundation
import GatewayCore
import Testing

@testable import RoutesFile

@Suite("The watcher of the routes file")
struct RoutesWatcherTests {
  private let yaml = """
    version: 1
    include: [d/*.yaml]
    apps: [{sdkappid: 1, tokens: ["${file:token}"], allow_ips_file: ips}]
    """

  private func fixture() throws -> RoutesFixture {
    try RoutesFixture(yaml, files: ["token": "t", "ips": "10.0.0.1\n", "d/a.yaml": "subscribers:"])
  }

  private func watcher(_ fixture: RoutesFixture) -> RoutesWatcher {
    RoutesWatcher(loader: fixture.loader, path: fixture.path, interval: .milliseconds(5), settling: .milliseconds(5))
  }

  /// Makes each change in turn, and the next one only when the watcher has told of the one before.
  private func expectTold(_ fixture: RoutesFixture, of changes: [@Sendable (TemporaryFolder) throws -> Void])
    async throws
  {
    let watcher = watcher(fixture)
    let folder = fixture.folder
    try await withThrowingTaskGroup(of: Bool.self) { group in
      group.addTask {
        await watcher.run()
        return false
      }
      group.addTask {
        var told = watcher.changes.makeAsyncIterator()
        for change in changes {
          try change(folder)
          guard await told.next() != nil else { return false }
        }
        return true
      }
      group.addTask {
        try? await Task.sleep(for: .seconds(15))
        return false
      }
      let all = try await group.next() ?? false
      group.cancelAll()
      #expect(all, "not told of every change")
    }
  }

  @Test("the file written in place, replaced by renaming, removed and put back")
  func routesFile() async throws {
    let yaml = yaml
    try await expectTold(
      try fixture(),
      of: [
        { try $0.write(yaml + "\n# in place", to: "routes.yaml") },
        { try $0.replace("routes.yaml", with: yaml + "\n# renamed") },
        { try $0.remove("routes.yaml") },
        { try $0.write(yaml, to: "routes.yaml") },
      ])
  }

  @Test("a referred file, an address file, and included files that change, appear and go")
  func otherFiles() async throws {
    try await expectTold(
      try fixture(),
      of: [
        { try $0.replace("token", with: "t2") },
        { try $0.write("10.0.0.2\n", to: "ips") },
        { try $0.write("subscribers: []", to: "d/a.yaml") },
        { try $0.write("subscribers:", to: "d/b.yaml") },
        { try $0.write("subscribers: []", to: "d/b.yaml") },
        { try $0.remove("d/b.yaml") },
      ])
  }

  @Test("a missing secret that is put in its place after the load failed for it")
  func missingSecret() async throws {
    let fixture = try fixture()
    try fixture.folder.remove("token")
    #expect(throws: RoutesRejected.self) { try fixture.load() }
    try await expectTold(fixture, of: [{ try $0.write("t", to: "token") }])
  }

  @Test("files that a changed routes file has newly named")
  func newlyNamed() async throws {
    let yaml = yaml
    try await expectTold(
      try fixture(),
      of: [
        { try $0.write(yaml.replacing("${file:token}", with: "${file:other}"), to: "routes.yaml") },
        { try $0.write("t", to: "other") },
        { try $0.write("t2", to: "other") },
      ])
  }

  @Test("a swap of the symbolic link that leads to all files, as Kubernetes does it")
  func symbolicLinkSwap() async throws {
    let fixture = try RoutesFixture()
    let folder = fixture.folder
    for version in ["..1", "..2"] {
      try folder.write(yaml + "\n# \(version)", to: "\(version)/routes.yaml")
      for (name, text) in ["token": "t", "ips": "10.0.0.1"] { try folder.write(text, to: "\(version)/\(name)") }
    }
    try folder.link("..data", to: "..1")
    try folder.remove("routes.yaml")
    for name in ["routes.yaml", "token", "ips"] { try folder.link(name, to: "..data/\(name)") }
    _ = try fixture.load()
    try await expectTold(
      fixture,
      of: [
        {
          try $0.link("..new", to: "..2")
          try $0.rename("..new", to: "..data")
        }
      ])
  }

  @Test("a change between its making and its first poll is told")
  func changeBeforeTheFirstPoll() async throws {
    let fixture = try fixture()
    let watcher = watcher(fixture)
    try fixture.folder.replace("token", with: "t2")
    let run = Task { await watcher.run() }
    var told = watcher.changes.makeAsyncIterator()
    #expect(await told.next() != nil)
    run.cancel()
  }

  @Test("nothing is told when nothing changes, and cancelling ends it")
  func quiet() async throws {
    let fixture = try fixture()
    #expect(!fixture.loader.snapshot(of: fixture.path).isOutdated)
    let watcher = watcher(fixture)
    let run = Task { await watcher.run() }
    run.cancel()
    await run.value
    var told = watcher.changes.makeAsyncIterator()
    #expect(await told.next() == nil)
  }

  @Test("a load lists all that it looked at")
  func watched() throws {
    let fixture = try fixture()
    let names = ["routes.yaml", "token", "d/a.yaml", "ips", "d/*.yaml"]
    #expect(try Set(fixture.load().watched) == Set(names.map { fixture.folder[$0] }))
  }
}
