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
      mixed.failures == [
        "204": SendTally.Failure(count: 1), "503": SendTally.Failure(count: 2, reason: "first"),
        "timeout": SendTally.Failure(count: 1, reason: "late"),
      ])
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
        latency p50 2.0 ms, p99 4.0 ms, max 4.0 ms
        """)
    #expect(
      try summary.json() == #"{"failed":2,"failures":{"403":2},"latencySeconds":{"max":0.004,"p50":0.002,"p99":0.004},"#
        + #""ok":2,"ratePerSecond":2,"seconds":2,"sent":4}"#)
    #expect(SendSummary(tally([ok(3)]), elapsed: .seconds(1)).text == "200 OK  3.0 ms")
    let refused = AttemptResult(outcome: .connect, duration: .zero, error: "could not connect\n")
    #expect(SendSummary(tally([refused]), elapsed: .zero).text == #"could not connect\u000a  0.0 ms"#)
    #expect(SendSummary(tally([failed]), elapsed: .seconds(1)).text == "the answer was 403  4.0 ms")
  }
}
