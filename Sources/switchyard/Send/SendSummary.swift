import Foundation
import GatewayCore

/// What `send` says at the end.
struct SendSummary: Encodable {
  struct Latency: Encodable {
    var p50: Double
    var p99: Double
    var max: Double
  }

  var sent: Int
  var ok: Int
  var failed: Int
  var failures: [String: Int]
  var seconds: Double
  var ratePerSecond: Double
  var latencySeconds: Latency

  private var reasons: [String: String]

  private enum CodingKeys: CodingKey {
    case sent, ok, failed, failures, seconds, ratePerSecond, latencySeconds
  }

  init(_ tally: SendTally, elapsed: Duration) {
    let latencies = tally.latencies(at: [0.5, 0.99]).map(\.inSeconds)
    sent = tally.done
    ok = tally.ok
    failed = tally.failed
    failures = tally.failures.mapValues(\.count)
    reasons = tally.failures.compactMapValues(\.reason)
    seconds = elapsed.inSeconds
    ratePerSecond = seconds > 0 ? Double(sent) / seconds : 0
    latencySeconds = Latency(p50: latencies[0], p99: latencies[1], max: tally.maxLatency.inSeconds)
  }

  func json() throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(self), as: UTF8.self)
  }

  var text: String {
    guard sent != 1 else { return single }
    var lines = ["sent \(sent), \(ok) OK, \(failed) failed"]
    let mostFirst = failures.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
    lines += mostFirst.map { "  \($0.value) × \(Self.line($0.key, reasons[$0.key]))" }
    lines.append("\(Self.rounded(ratePerSecond))/s over \(Self.rounded(seconds)) s")
    let latency = latencySeconds
    lines.append(
      "latency p50 \(Self.milliseconds(latency.p50)), p99 \(Self.milliseconds(latency.p99)), "
        + "max \(Self.milliseconds(latency.max))")
    return lines.joined(separator: "\n")
  }

  /// `200 OK  12.3 ms`, or the status and what is wrong.
  private var single: String {
    let result = failures.keys.first.map { Self.line($0, reasons[$0]) } ?? "200 OK"
    return "\(result)  \(Self.milliseconds(latencySeconds.max))"
  }

  private static func line(_ name: String, _ reason: String?) -> String {
    reason?.printable ?? "the answer was \(name)"
  }

  private static func milliseconds(_ seconds: Double) -> String { rounded(seconds * 1000) + " ms" }

  private static func rounded(_ number: Double) -> String { String(format: "%.1f", number) }
}
