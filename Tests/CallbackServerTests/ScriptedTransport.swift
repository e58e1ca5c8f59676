import Dispatch
import GatewayCore
import Synchronization

/// A transport that answers each question as its script says, on a thread of its own.
final class ScriptedTransport: Transport {
  /// Nil: it never answers, which a transport must not do.
  typealias Script = @Sendable (OutboundRequest) -> AttemptResult?

  private let script: Script
  private let seen = Mutex<[OutboundRequest]>([])
  private let thread = DispatchQueue(label: "scripted transport")

  init(_ script: @escaping Script = { _ in nil }) { self.script = script }

  /// One that answers every question with this status and body.
  convenience init(status: Int = 200, answering body: String) {
    self.init { _ in
      let answer = AttemptResult.Answer(body: Array(body.utf8), isCut: false)
      return AttemptResult(outcome: .success, status: status, duration: .milliseconds(1), answer: answer)
    }
  }

  var requests: [OutboundRequest] { seen.withLock { $0 } }

  func send(_ request: OutboundRequest, completion: @escaping @Sendable (AttemptResult) -> Void) {
    seen.withLock { $0.append(request) }
    guard let result = script(request) else { return }
    thread.async { completion(result) }
  }
}
