import ChatSimulator
import Foundation
import GatewayCore
import TencentChat
import Testing

@testable import switchyard

@Suite("The line of a simulated call")
struct CallReportTests {
  private func report(
    _ accounts: String, query: String = "sdkappid=7&identifier=administrator&usersig=x&random=1&contenttype=json",
    _ callbacks: [CallbackOutcome] = []
  ) -> CallReport {
    var graph = RelationshipGraph()
    graph.accounts.addForeign("x")
    let app = AppID(rawValue: 7)
    let endpoint = RESTEndpoint(
      rules: RESTRules(apps: [app], administrators: ["administrator"]), start: StartingGraphs(named: [app: graph]))
    let answer = endpoint.answer(
      RESTRequest(
        path: "/v4/sns/black_list_add", query: query,
        body: Array("{\"From_Account\":\"a\\u001b[2J\",\"To_Account\":[\(accounts)]}".utf8), clientIP: "127.0.0.1"))
    // 2026-11-20T20:36:00.123Z
    return CallReport(answeredAt: Timestamp(milliseconds: 1_795_206_960_123), answer: answer, callbacks: callbacks)
  }

  private func outcome(tries: Int, _ failure: String? = nil) -> CallbackOutcome {
    CallbackOutcome(command: .blackListAdd, pairCount: 1, tries: tries, failure: failure)
  }

  @Test("says what was done, and nothing that a terminal would obey")
  func text() {
    #expect(
      report(#""b","x""#, [outcome(tries: 1)]).text
        == "20:36:00.123 black_list_add a\\u001b[2J  1 ok, 1 failed  Sns.CallbackBlackListAdd posted")
    #expect(report(#""b""#, [outcome(tries: 3)]).text.hasSuffix("  Sns.CallbackBlackListAdd posted at try 3"))
    #expect(report(#""b""#, [outcome(tries: 1, "x")]).text.hasSuffix("  Sns.CallbackBlackListAdd failed"))
    #expect(report(#""b""#, [outcome(tries: 0, "x")]).text.hasSuffix("  Sns.CallbackBlackListAdd not posted"))
    #expect(report(#""x""#).text.hasSuffix("  0 ok, 1 failed  no callback"))
    #expect(report(#""b""#, query: "").text.contains("20:36:00.123 black_list_add  refused 60012: sdkappid is missing"))
  }

  @Test("is one JSON object where that is asked for")
  func json() {
    #expect(
      report(#""b","x""#, [outcome(tries: 2, "no \"answer\"")]).json
        == #"{"answeredAt":"2026-11-20T20:36:00.123Z","command":"black_list_add","app":7,"from":"a\u001b[2J","#
        + #""ok":1,"failed":1,"error":null,"callbacks":[{"command":"Sns.CallbackBlackListAdd","pairs":1,"tries":2,"#
        + #""failure":"no \"answer\""}]}"#)
    #expect(
      report(#""b""#, query: "").json
        == #"{"answeredAt":"2026-11-20T20:36:00.123Z","command":"black_list_add","app":null,"from":null,"ok":0,"#
        + #""failed":0,"error":60012,"callbacks":[]}"#)
  }

  @Test("counts what comes of calls and callbacks")
  func tally() {
    var tally = SimulateTally()
    tally.count(report(#""b""#, [outcome(tries: 1), outcome(tries: 1, "x")]))
    tally.count(report(#""b""#, query: ""))
    #expect(tally.text == "answered 2 calls, 1 of them refused; posted 2 callbacks, 1 of them in vain")
  }
}
