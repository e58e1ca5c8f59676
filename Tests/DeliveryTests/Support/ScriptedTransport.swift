import Dispatch
import GatewayCore
import Synchronization

/// Keeps every request and answers each as its script says: at once, or when the test says so.
final class ScriptedTransport: Transport {
  enum Reply: Sendable {
    case success
    /// A 2xx with a body, which only whole callbacks ask for.
    case answer(Int, String)
    case status(Int)
    case retryAfter(Int, Duration)
    case refused
    /// Answered by `release`.
    case held
    /// Broken off while it was held.
    case cut
  }

  typealias Script = @Sendable (Attempt) -> Reply
  private typealias Completion = @Sendable (AttemptResult) -> Void

  private struct State {
    var script: Script
    var attempts: [String: [Attempt]] = [:]
    var delivered: [String: [String]] = [:]
    var inFlight: [String: Int] = [:]
    var peak: [String: Int] = [:]
    var cut = 0
    var held: [(attempt: Attempt, completion: Completion)] = []
  }

  private let state = Mutex(State(script: { _ in .success }))
  /// A thread of the transport's own, as the protocol has it.
  private let thread = DispatchQueue(label: "scripted transport")

  func send(_ request: OutboundRequest, completion: @escaping @Sendable (AttemptResult) -> Void) {
    let attempt = Attempt(request)
    let reply = state.withLock { state in
      let name = attempt.subscriber
      state.attempts[name, default: []].append(attempt)
      state.inFlight[name, default: 0] += 1
      state.peak[name] = max(state.peak[name] ?? 0, state.inFlight[name] ?? 0)
      let reply = state.script(attempt)
      if case .held = reply { state.held.append((attempt, completion)) }
      return reply
    }
    end(attempt, with: reply, completion)
  }

  /// How requests are answered from now on.
  func answer(_ script: @escaping Script) { state.withLock { $0.script = script } }

  /// Answers what is held and matches; returns how many that were.
  @discardableResult
  func release(with reply: Reply = .success, where matches: (Attempt) -> Bool = { _ in true }) -> Int {
    let released = state.withLock { state in
      let released = state.held.filter { matches($0.attempt) }
      state.held.removeAll { matches($0.attempt) }
      return released
    }
    for (attempt, completion) in released { end(attempt, with: reply, completion) }
    return released.count
  }

  func cut(_ group: RequestGroup) {
    let count = release(with: .cut) { $0.group === group }
    state.withLock { $0.cut += count }
  }

  /// How many requests were broken off.
  var cut: Int { state.withLock { $0.cut } }

  /// All requests to a subscriber, in order.
  func attempts(at subscriber: String) -> [Attempt] { state.withLock { $0.attempts[subscriber] ?? [] } }

  /// The ids of the events that a subscriber has answered with success, in order, as often as it did.
  func delivered(to subscriber: String) -> [String] { state.withLock { $0.delivered[subscriber] ?? [] } }

  func inFlight(at subscriber: String) -> Int { state.withLock { $0.inFlight[subscriber] ?? 0 } }

  /// The most that were ever in flight.
  func peak(at subscriber: String) -> Int { state.withLock { $0.peak[subscriber] ?? 0 } }

  private func end(_ attempt: Attempt, with reply: Reply, _ completion: @escaping Completion) {
    guard let result = reply.result else { return }
    thread.async { [self] in
      state.withLock { state in
        state.inFlight[attempt.subscriber, default: 0] -= 1
        if case .success = reply { state.delivered[attempt.subscriber, default: []].append(attempt.event) }
      }
      completion(result)
    }
  }
}

extension ScriptedTransport.Reply {
  /// Nil while it is held.
  fileprivate var result: AttemptResult? {
    switch self {
    case .success: AttemptResult(outcome: .success, status: 200, duration: .milliseconds(3))
    case .answer(let status, let body):
      AttemptResult(
        outcome: .success, status: status, duration: .milliseconds(3),
        answer: AttemptResult.Answer(body: Array(body.utf8), isCut: false))
    case .status(let status):
      AttemptResult(
        outcome: status >= 500 ? .http5xx : status >= 400 ? .http4xx : .http3xx, status: status,
        duration: .milliseconds(3), error: "the subscriber answered \(status)")
    case .retryAfter(let status, let wait):
      AttemptResult(
        outcome: status >= 500 ? .http5xx : .http4xx, status: status, duration: .milliseconds(3), retryAfter: wait,
        error: "the subscriber answered \(status)")
    case .refused: AttemptResult(outcome: .connect, duration: .milliseconds(1), error: "the connection was refused")
    case .held: nil
    case .cut: AttemptResult(outcome: .other, duration: .milliseconds(1), error: "broken off")
    }
  }
}
