import Foundation
import GatewayCore

/// What `send` says at the end.
struct SendSummary: Encodable {
  struct Latency: Encodable {
    var p50: Double
    var p90: Double
    var p99: Double
    var max: Double
  }

  /// Calls that ended alike.
  struct Answer: Encodable {
    /// A status such as `200`, or an outcome such as `timeout`.
    var result: String
    /// Nil if it has none that is a whole number.
    var errorCode: Int64?
    var count: Int
    /// That of the first of them.
    var body: String?
    fileprivate var isOK: Bool
    fileprivate var reason: String?
    fileprivate var code: SendTally.ErrorCode

    private enum CodingKeys: CodingKey { case result, errorCode, count, body }
  }

  var sent: Int
  var ok: Int
  var failed: Int
  var failures: [String: Int]
  /// The most frequent first, of the kinds that are told apart.
  var answers: [Answer]
  /// How many calls ended otherwise than all of these; nil if none did.
  var others: Int?
  var seconds: Double
  var ratePerSecond: Double
  var latencySeconds: Latency

  private var showsAnswers: Bool

  private enum CodingKeys: CodingKey {
    case sent, ok, failed, failures, answers, others, seconds, ratePerSecond, latencySeconds
  }

  /// - Parameter showsAnswers: Whether the text has them also where each is the plain OK.
  init(_ tally: SendTally, elapsed: Duration, showsAnswers: Bool = false) {
    let latencies = tally.latencies(at: [0.5, 0.9, 0.99]).map(\.inSeconds)
    sent = tally.done
    ok = tally.ok
    failed = tally.failed
    answers = tally.kinds.map { kind, calls in
      Answer(
        result: kind.name, errorCode: kind.errorCode.number, count: calls.count, body: calls.body.map(Self.text),
        isOK: kind.isOK, reason: calls.reason, code: kind.errorCode)
    }.sorted { ($1.count, $0.result, $0.errorCode ?? 0) < ($0.count, $1.result, $1.errorCode ?? 0) }
    others = tally.others > 0 ? tally.others : nil
    failures = tally.failures
    seconds = elapsed.inSeconds
    ratePerSecond = seconds > 0 ? Double(sent) / seconds : 0
    latencySeconds = Latency(p50: latencies[0], p90: latencies[1], p99: latencies[2], max: tally.maxLatency.inSeconds)
    self.showsAnswers = showsAnswers
  }

  private static func text(_ body: [UInt8]) -> String { String(decoding: body, as: UTF8.self) }
}

extension SendSummary {
  /// Enough for every answer that people write; one for each of a thousand accounts is cut.
  private static let longestShown = 1000

  var text: String {
    guard sent != 1 else { return single }
    var lines = ["sent \(sent), \(ok) OK, \(failed) failed"]
    let isWorthTelling = showsAnswers || answers.contains { $0.isOK && !$0.code.isPlain }
    lines += answers.filter { !$0.isOK || isWorthTelling }.map { "  \($0.count) × \(Self.line($0))" }
    if let others { lines.append("  \(others) × others") }
    lines.append("\(Self.rounded(ratePerSecond))/s over \(Self.rounded(seconds)) s")
    let latency = latencySeconds
    lines.append(
      "latency p50 \(Self.milliseconds(latency.p50)), p90 \(Self.milliseconds(latency.p90)), "
        + "p99 \(Self.milliseconds(latency.p99)), max \(Self.milliseconds(latency.max))")
    return lines.joined(separator: "\n")
  }

  /// `200 OK  12.3 ms`, or the status and what is wrong; and on a line of its own the answer, if it says something.
  private var single: String {
    let answer = answers.first
    let result = answer.map { $0.isOK ? "200 OK" : Self.words($0) } ?? "200 OK"
    let first = "\(result)  \(Self.milliseconds(latencySeconds.max))"
    guard let answer, let body = answer.body, !body.isEmpty, showsAnswers || !answer.isOK || !answer.code.isPlain
    else { return first }
    let shown = body.count > Self.longestShown ? body.prefix(Self.longestShown) + "…" : body
    return first + "\n" + shown.printable
  }

  private static func line(_ answer: Answer) -> String {
    let code: String? =
      switch answer.code {
      case .absent: nil
      case .number(let number): "ErrorCode \(number)"
      case .odd: "ErrorCode is no whole number of 64 bits"
      }
    return [answer.isOK ? "200 OK" : words(answer), code].compactMap(\.self).joined(separator: ", ")
  }

  private static func words(_ answer: Answer) -> String {
    answer.reason?.printable ?? "the answer was \(answer.result)"
  }

  private static func milliseconds(_ seconds: Double) -> String { rounded(seconds * 1000) + " ms" }

  private static func rounded(_ number: Double) -> String { String(format: "%.1f", number) }
}
