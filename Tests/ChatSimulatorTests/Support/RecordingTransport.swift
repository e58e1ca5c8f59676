import Dispatch
import GatewayCore
import Synchronization

/// Keeps every request, and answers each as its script says: at once, or never until it is told.
final class RecordingTransport: Transport {
  enum Reply: Sendable {
    case ok
    case answer(Int, String)
    case timeout
    /// Answered by `release`.
    case held
  }

  private struct State {
    var requests: [OutboundRequest] = []
    var held: [@Sendable (AttemptResult) -> Void] = []
  }

  /// What the nth request is answered, from 0.
  private let script: @Sendable (Int) -> Reply
  private let state = Mutex(State())
  private let thread = DispatchQueue(label: "recording transport")

  init(script: @escaping @Sendable (Int) -> Reply = { _ in .ok }) { self.script = script }

  var requests: [OutboundRequest] { state.withLock { $0.requests } }
  var bodies: [String] { requests.map { String(decoding: $0.body, as: UTF8.self) } }

  func send(_ request: OutboundRequest, completion: @escaping @Sendable (AttemptResult) -> Void) {
    let index = state.withLock { state in
      state.requests.append(request)
      return state.requests.count - 1
    }
    switch script(index) {
    case .ok: end(200, #"{"ActionStatus":"OK","ErrorCode":0,"ErrorInfo":""}"#, completion)
    case .answer(let status, let body): end(status, body, completion)
    case .timeout:
      thread.async {
        completion(AttemptResult(outcome: .timeout, duration: .seconds(2), error: "no complete answer within 2s"))
      }
    case .held: state.withLock { $0.held.append(completion) }
    }
  }

  /// Answers what is held with OK.
  func release() {
    let held = state.withLock { state in
      defer { state.held = [] }
      return state.held
    }
    for completion in held { end(200, "{}", completion) }
  }

  private func end(_ status: Int, _ body: String, _ completion: @escaping @Sendable (AttemptResult) -> Void) {
    thread.async {
      completion(
        AttemptResult(
          outcome: .success, status: status, duration: .milliseconds(1),
          answer: AttemptResult.Answer(body: Array(body.utf8), isCut: false)))
    }
  }
}
