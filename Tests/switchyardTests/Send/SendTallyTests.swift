import Foundation
import GatewayCore
import Testing

@testable import switchyard

@Suite("The tally of calls")
struct SendTallyTests {
  private func tally(_ results: [AttemptResult]) -> SendTally {
    results.reduce(into: SendTally()) { $0.count($1) }
  }

  private func ok(_ milliseconds: Int) -> AttemptResult {
    AttemptResult(outcome: .success, status: 200, duration: .milliseconds(milliseconds))
  }

  @Test("gives exact percentiles by nearest rank, and the maximum")
  func percentiles() {
    let hundred = tally((1...100).reversed().map(ok))
    #expect(hundred.latencies(at: [0, 0.5, 0.99, 1]) == [1, 50, 99, 100].map { .milliseconds($0) })
    #expect(hundred.maxLatency == .milliseconds(100))
    #expect(tally([ok(3)]).latencies(at: [0.5, 0.99]) == [.milliseconds(3), .milliseconds(3)])
    #expect(tally([]).latencies(at: [0.5]) == [.zero])
  }

  @Test("counts only 200 as OK, and failures by status or by how they failed")
  func failures() {
    let mixed = tally([
      ok(1), AttemptResult(outcome: .success, status: 204, duration: .zero),
      AttemptResult(outcome: .http5xx, status: 503, duration: .zero, error: "first"),
      AttemptResult(outcome: .http5xx, status: 503, duration: .zero, error: "second"),
      AttemptResult(outcome: .timeout, status: 200, duration: .seconds(2), error: "late"),
    ])
    #expect(mixed.ok == 1)
    #expect(mixed.failed == 4)
    #expect(
      mixed.kinds.filter { !$0.key.isOK } == [
        SendTally.Kind(name: "204", isOK: false): SendTally.Calls(count: 1),
        SendTally.Kind(name: "503", isOK: false): SendTally.Calls(count: 2, reason: "first"),
        SendTally.Kind(name: "timeout", isOK: false): SendTally.Calls(count: 1, reason: "late"),
      ])
  }

  private func answered(_ body: String, status: Int = 200, _ error: String? = nil) -> AttemptResult {
    AttemptResult(
      outcome: status == 200 ? .success : .http4xx, status: status, duration: .milliseconds(3), error: error,
      answer: AttemptResult.Answer(body: Array(body.utf8), isCut: false))
  }

  @Test("counts 200 without JSON as failed, as Tencent does")
  func notJSON() {
    let summary = SendSummary(tally([answered("OK"), answered("")]), elapsed: .seconds(1))
    #expect(summary.failed == 2)
    #expect(summary.failures == ["200": 2])
    #expect(summary.answers[0].errorCode == nil)
    #expect(summary.text.contains("  2 × the answer's body is not JSON: it has "))
    let empty = SendSummary(tally([answered("")]), elapsed: .seconds(1)).text
    #expect(empty == "the answer has no body; Tencent takes only 200 with a JSON body  3.0 ms")
  }

  @Test("counts answers by status and error code, and shows them where they decide something")
  func answers() throws {
    let allowed = #"{"ActionStatus":"OK","ErrorCode":0,"ErrorInfo":""}"#
    let denied = #"{"ActionStatus":"OK","ErrorCode":120001,"ErrorInfo":"no\u001b"}"#
    let some = tally([answered(allowed), answered(denied), answered(allowed)])
    #expect(some.ok == 3)
    let summary = SendSummary(some, elapsed: .seconds(1))
    #expect(
      summary.text.hasPrefix(
        "sent 3, 3 OK, 0 failed\n  2 × 200 OK, ErrorCode 0\n  1 × 200 OK, ErrorCode 120001\n"))
    #expect(
      try summary.jsonLine().hasPrefix(
        #"{"answers":[{"body":"{\"ActionStatus\":\"OK\",\"ErrorCode\":0,\"ErrorInfo\":\"\"}","count":2,"errorCode":0,"#
          + #""result":"200"},{"body":"#))
    let plain = tally([answered(allowed), answered(allowed)])
    #expect(!SendSummary(plain, elapsed: .seconds(1)).text.contains("ErrorCode"))
    #expect(SendSummary(plain, elapsed: .seconds(1), showsAnswers: true).text.contains("  2 × 200 OK, ErrorCode 0"))
  }

  @Test("keeps twenty kinds of answers, and counts the others")
  func others() throws {
    let results = (1...30).map { answered(#"{"ErrorCode":\#($0)}"#) }
    let many = tally(results + results[..<10] + [AttemptResult(outcome: .http5xx, status: 503, duration: .zero)])
    #expect(many.kinds.count == SendTally.maxKinds && many.others == 11)
    let summary = SendSummary(many, elapsed: .seconds(1))
    #expect(summary.answers.count == 20 && summary.answers[0].count == 2)
    #expect(summary.text.contains("  1 × 200 OK, ErrorCode 20\n  11 × others\n"))
    #expect(summary.failures == ["503": 1] && summary.failed == 1, "failures are counted all the same")
    #expect(try summary.jsonLine().contains(#","others":11,"#))
  }

  @Test(
    "takes for an error code a whole number alone, and never another answer for the plain OK",
    arguments: [
      (#"{"ErrorCode":"120001"}"#, nil, true), (#"{"ErrorCode":99999999999999999999}"#, nil, true),
      (#"{"ErrorCode":1.0}"#, nil, true), (#"{"ErrorCode":1e3}"#, nil, true), (#"{"ErrorCode":null}"#, nil, true),
      (#"{"ErrorCode":-7}"#, -7, true), (#"{"ErrorCode":0}"#, 0, false), ("{}", nil, false), ("[]", nil, false),
    ] as [(String, Int64?, Bool)])
  func errorCodes(body: String, code: Int64?, isShown: Bool) throws {
    let one = SendSummary(tally([answered(body)]), elapsed: .seconds(1))
    #expect(one.answers[0].errorCode == code)
    #expect(one.text == (isShown ? "200 OK  3.0 ms\n" + body : "200 OK  3.0 ms"))
    let words = code.map { "ErrorCode \($0)" } ?? "ErrorCode is no whole number of 64 bits"
    let two = SendSummary(tally([answered(body), answered(body)]), elapsed: .seconds(1))
    #expect(two.text.contains("  2 × 200 OK, \(words)\n") == isShown)
  }

  @Test("shows the answer of a single call on a line of its own where it says something")
  func singleAnswer() {
    func text(_ result: AttemptResult, asks: Bool = false) -> String {
      SendSummary(tally([result]), elapsed: .seconds(1), showsAnswers: asks).text
    }
    let ok = #"{"ActionStatus":"OK","ErrorCode":0,"ErrorInfo":""}"#
    #expect(text(answered(ok)) == "200 OK  3.0 ms")
    #expect(text(answered(ok), asks: true) == "200 OK  3.0 ms\n" + ok)
    let refused = "{\"ErrorCode\":1,\n\"ErrorInfo\":\"\u{1B}\"}"
    #expect(
      text(answered(refused, status: 403, "the answer was 403"))
        == "the answer was 403  3.0 ms\n" + #"{"ErrorCode":1,\u000a"ErrorInfo":"\u001b"}"#)
    let long = #"{"ErrorCode":2,"ErrorInfo":""# + String(repeating: "x", count: 2000) + #""}"#
    #expect(text(answered(long)).hasSuffix("x…"))
  }

  @Test("is summed up in text and in JSON")
  func summary() throws {
    let failed = AttemptResult(outcome: .http4xx, status: 403, duration: .milliseconds(4), error: "the answer was 403")
    let summary = SendSummary(tally([ok(1), ok(2), failed, failed]), elapsed: .seconds(2))
    #expect(
      summary.text == """
        sent 4, 2 OK, 2 failed
          2 × the answer was 403
        2.0/s over 2.0 s
        latency p50 2.0 ms, p90 4.0 ms, p99 4.0 ms, max 4.0 ms
        """)
    #expect(
      try summary.jsonLine() == #"{"answers":[{"count":2,"result":"200"},{"count":2,"result":"403"}],"#
        + #""failed":2,"failures":{"403":2},"latencySeconds":{"max":0.004,"p50":0.002,"p90":0.004,"p99":0.004},"#
        + #""ok":2,"ratePerSecond":2,"seconds":2,"sent":4}"#)
    #expect(SendSummary(tally([ok(3)]), elapsed: .seconds(1)).text == "200 OK  3.0 ms")
    let refused = AttemptResult(outcome: .connect, duration: .zero, error: "could not connect\n")
    #expect(SendSummary(tally([refused]), elapsed: .zero).text == #"could not connect\u000a  0.0 ms"#)
    #expect(SendSummary(tally([failed]), elapsed: .seconds(1)).text == "the answer was 403  4.0 ms")
  }
}
