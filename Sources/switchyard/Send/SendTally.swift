import GatewayCore
import OpenSSLSigner
import TencentChat

/// What became of the calls so far.
struct SendTally: Sendable {
  /// What calls have in common that are counted together.
  struct Kind: Hashable, Sendable {
    /// The status where the answer was complete, such as `503`, else how the call failed, such as `timeout`.
    var name: String
    var isOK: Bool
    var errorCode = ErrorCode.absent
  }

  /// What an answer has as its `ErrorCode`.
  enum ErrorCode: Hashable, Sendable {
    case absent
    case number(Int64)
    /// No whole number of JSON, such as a string of digits, or one beyond 64 bits.
    case odd

    var number: Int64? { if case .number(let number) = self { number } else { nil } }
    /// Whether it says nothing beyond OK.
    var isPlain: Bool { self == .absent || self == .number(0) }
  }

  struct Calls: Hashable, Sendable {
    var count: Int
    /// What was said of the first of its kind; nil if nothing is wrong.
    var reason: String?
    /// The first one's answer; nil if none came.
    var body: [UInt8]?
  }

  /// Each is kept with an answer of up to 64 KiB.
  static let maxKinds = 20
  /// Percentiles are exact up to this many calls; of more, the first so many count.
  static let maxLatencies = 1_000_000
  /// Only this status is an OK to Tencent.
  static let okStatus = 200

  private(set) var done = 0
  private(set) var ok = 0
  /// Failed calls by the name of their kind: all statuses and outcomes there are, so not many.
  private(set) var failures: [String: Int] = [:]
  /// The first so many kinds.
  private(set) var kinds: [Kind: Calls] = [:]
  /// Calls of other kinds than these.
  private(set) var others = 0
  private(set) var maxLatency: Duration = .zero
  private var latencies: [Duration] = []

  var failed: Int { done - ok }

  mutating func count(_ result: AttemptResult) {
    done += 1
    maxLatency = max(maxLatency, result.duration)
    if latencies.count < Self.maxLatencies { latencies.append(result.duration) }
    let refusal = Self.refusal(of: result)
    let isOK = result.outcome == .success && result.status == Self.okStatus && refusal == nil
    let name = Self.name(of: result)
    if isOK { ok += 1 } else { failures[name, default: 0] += 1 }
    let kind = Kind(name: name, isOK: isOK, errorCode: result.answer.map(Self.errorCode) ?? .absent)
    guard kinds[kind] != nil || kinds.count < Self.maxKinds else {
      others += 1
      return
    }
    kinds[kind, default: Calls(count: 0, reason: result.error ?? refusal, body: result.answer?.body)].count += 1
  }

  /// The latency that this share of the calls did not exceed, by nearest rank; each of `shares` is from 0 to 1.
  func latencies(at shares: [Double]) -> [Duration] {
    guard !latencies.isEmpty else { return shares.map { _ in .zero } }
    let sorted = latencies.sorted()
    return shares.map { share in
      let rank = Int((share * Double(sorted.count)).rounded(.up))
      return sorted[min(max(rank, 1), sorted.count) - 1]
    }
  }

  private static let forwarder = CallbackForwarder(digest: OpenSSLDigest())

  /// Why an answer of 200 is none to Tencent; nil if it is one, or was not kept.
  private static func refusal(of result: AttemptResult) -> String? {
    guard let answer = result.answer, result.outcome == .success, result.status == okStatus else { return nil }
    // The forwarder would speak of a subscriber that takes whole callbacks.
    guard !answer.body.isEmpty else { return "the answer has no body; Tencent takes only 200 with a JSON body" }
    return forwarder.refusal(in: answer, status: okStatus)
  }

  private static func errorCode(in answer: AttemptResult.Answer) -> ErrorCode {
    guard !answer.isCut, let body = try? CallbackBody(answer.body), let code = body.values(of: "ErrorCode").first else {
      return .absent
    }
    // As it stands there: a string has its quotes.
    return Int64(String(decoding: body.bytes[code], as: UTF8.self)).map(ErrorCode.number) ?? .odd
  }

  private static func name(of result: AttemptResult) -> String {
    switch result.outcome {
    case .success, .http3xx, .http4xx, .http5xx: result.status.map(String.init) ?? result.outcome.rawValue
    case .timeout, .connect, .dns, .tls, .blocked, .other: result.outcome.rawValue
    }
  }
}
