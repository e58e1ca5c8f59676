import GatewayCore
import Testing

@testable import RoutesFile

@Suite("Decisions")
struct DecisionsTests {
  private static let apps = "version: 1\napps: [{sdkappid: 1, tokens: [t]}, {sdkappid: 2, tokens: [t]}]\n"
  private static let c2c = "C2C.CallbackBeforeSendMsg"

  private func fixture(_ decisions: String..., environment: [String: String] = [:]) throws -> RoutesFixture {
    let items = decisions.map { "  - {\($0)}" }.joined(separator: "\n")
    return try RoutesFixture(Self.apps + "decisions:\n\(items)\n", environment: environment)
  }

  private static let good = "commands: [\(c2c)], url: 'https://a.example/x', secrets: ['\(RoutesFixture.secret)']"

  @Test("have the contract's defaults")
  func defaults() throws {
    let decision = try #require(try fixture(Self.good).load().routes.decisions.first)
    #expect(decision.commands == [Self.c2c])
    #expect(decision.apps == nil)
    #expect(decision.endpoint.url == "https://a.example/x")
    #expect(decision.endpoint.timeout == .milliseconds(1200))
    #expect(decision.onFailure == .allow)
    #expect(decision.secrets == [Secret(RoutesFixture.secret)])
    #expect(decision.headers.isEmpty && decision.misconfigured == nil)
  }

  @Test("have what the file says")
  func settings() throws {
    let text =
      "commands: [\(Self.c2c), Group.CallbackBeforeSendMsg], url: 'https://a.example', unsigned: true, apps: [2], "
      + "timeout: 1400ms, on_failure: deny, headers: {X-A: b}, private_addresses: deny"
    let decision = try #require(try fixture(text).load().routes.decisions.first)
    #expect(decision.apps == [AppID(rawValue: 2)])
    #expect(decision.endpoint.timeout == .milliseconds(1400))
    #expect(decision.endpoint.privateAddresses == .deny)
    #expect(decision.onFailure == .deny)
    #expect(decision.secrets.isEmpty)
    #expect(decision.headers == [WebhookRequest.Header(name: "X-A", value: Secret("b"))])
    #expect(decision.isAsked(before: Self.c2c, of: AppID(rawValue: 2)))
    #expect(!decision.isAsked(before: Self.c2c, of: AppID(rawValue: 1)))
    #expect(!decision.isAsked(before: "Sns.CallbackPrevFriendAdd", of: AppID(rawValue: 2)))
  }

  @Test(
    "that will not do are refused at their places",
    arguments: [
      ("commands: [\(c2c)], url: 'https://a.example'", #"4:5: a decision needs "secrets""#),
      ("commands: [\(c2c)], unsigned: true", #"4:5: a decision needs "url"; add it"#),
      ("url: 'https://a.example', unsigned: true", #"4:5: a decision needs "commands"; add it"#),
      ("commands: [], url: 'https://a.example', unsigned: true", #"4:16: "commands" must hold from 1 to 100 items"#),
      (good + ", timeout: 1401ms", #""timeout" must be from 10ms to 1400ms, not "1401ms""#),
      (good + ", on_failure: refuse", #""on_failure" must be allow or deny, not "refuse""#),
      (good + ", apps: [3]", #"the app 3 is not in "apps""#),
      (good + ", retry: 3", #"unknown key "retry""#),
      (
        "commands: [Sns.CallbackFriendAdd], url: 'https://a.example', unsigned: true",
        #"4:17: "Sns.CallbackFriendAdd" is no command that Tencent waits for"#
      ),
      (
        "commands: [C2C.CallbackBeforeSendMsgs], url: 'https://a.example', unsigned: true",
        #"did you mean "C2C.CallbackBeforeSendMsg"?"#
      ),
      (
        "commands: [message.send_requested], url: 'https://a.example', unsigned: true",
        #""message.send_requested" is no command that Tencent waits for; did you mean "C2C.CallbackBeforeSendMsg"?"#
      ),
      (
        "commands: [com.tencent.chat.group.message.send_requested], url: 'https://a.example', unsigned: true",
        #" is no command that Tencent waits for; did you mean "Group.CallbackBeforeSendMsg"?"#
      ),
      (
        "commands: [friend.added], url: 'https://a.example', unsigned: true",
        #" waits for; those are C2C.CallbackBeforeSendMsg, Group.CallbackBeforeSendMsg"#
      ),
    ])
  func problems(decision: String, problem: String) throws {
    let problems = try fixture(decision).problems()
    #expect(problems.contains { $0.contains(problem) }, "\(problems)")
  }

  @Test("leave each command of an app to one decider")
  func alone() throws {
    let twice = try fixture(Self.good, Self.good).problems()
    #expect(twice.contains { $0.contains(#"5:5: "\#(Self.c2c)" is decided at"#) })
    #expect(try !fixture(Self.good, Self.good + ", apps: [1]").problems().isEmpty)
    let same = try fixture(Self.good + ", apps: [1, 2]", Self.good + ", apps: [2]").problems()
    #expect(same.contains { $0.contains("of the app 2 is decided at") })
    #expect(try fixture(Self.good + ", apps: [1]", Self.good + ", apps: [2]").problems().isEmpty)
  }

  @Test(
    "of which a reference is gone from under the last good copy let nothing through that they would not have",
    arguments: [
      ("secrets: ['${S}']", RoutesFixture.secret, 1), ("unsigned: true, on_failure: '${S}'", "deny", 1),
      ("unsigned: true, apps: ['${S}']", "1", 2), ("unsigned: true, timeout: '${S}'", "1s", 1),
    ])
  func lastGoodCopy(setting: String, value: String, count: Int) throws {
    let onFailure = setting.contains("on_failure") ? "" : ", on_failure: deny"
    let text = "commands: [\(Self.c2c)], url: 'https://a.example', \(setting)\(onFailure)"
    let other = "commands: [\(Self.c2c)], url: 'https://b.example', unsigned: true, apps: [2]"
    let decisions = count == 2 ? [text, other] : [text]
    let items = decisions.map { "  - {\($0)}" }.joined(separator: "\n")
    var fixture = try RoutesFixture(Self.apps + "decisions:\n\(items)\n", environment: ["S": value])
    let copy = try fixture.load().copy
    fixture.environment = [:]
    let loaded = try fixture.loader.load(copy: copy)
    let asked = (1...2).map { app in
      loaded.routes.decisions.first { $0.isAsked(before: Self.c2c, of: AppID(rawValue: app)) }
    }
    #expect(asked[0]?.misconfigured?.contains("S") == true)
    #expect(asked[0]?.onFailure == .deny)
    #expect(asked[1]?.endpoint.url == (count == 2 ? "https://b.example" : asked[0]?.endpoint.url))
    #expect(loaded.warnings.contains { $0.message.contains("denies what it should decide") })
  }

  @Test("whose commands cannot be told any more are said to decide nothing")
  func commandsGone() throws {
    var fixture = try fixture(
      "commands: ['${S}'], url: 'https://a.example', unsigned: true, on_failure: deny", environment: ["S": Self.c2c])
    let copy = try fixture.load().copy
    fixture.environment = [:]
    let loaded = try fixture.loader.load(copy: copy)
    #expect(loaded.routes.decisions.isEmpty)
    #expect(loaded.warnings.contains { $0.message.contains("decides nothing") })
  }

  @Test("change the fingerprint")
  func fingerprint() throws {
    let without = try RoutesFixture(Self.apps).load().routes.fingerprint
    #expect(try fixture(Self.good).load().routes.fingerprint != without)
  }
}
