import GatewayCore
import Logging
import Synchronization
import TencentChat

/// Asks one decider of the routes file.
final class Decider: Sendable {
  /// What came of a question.
  enum Verdict: Sendable {
    /// The decider's answer, to be passed on as it is.
    case decided([UInt8])
    case failed(Decision.OnFailure)
  }

  private static let contentType = "application/json"
  /// What a question is of: the body says nothing of the app, and need not name the command.
  private static let appHeader = "switchyard-app"
  private static let commandHeader = "switchyard-command"
  /// Answers in a row that make a decider well again, for the log.
  private static let recovery = 3

  let decision: Decision
  private let webhook: WebhookRequest?
  private let transport: any Transport
  private let metrics: DecisionMetrics
  private let capacity: Int
  private let logger: Logger
  private let open = Atomic<Int>(0)
  /// Answers that are missing until it is well again; 0 while it is.
  private let missingAnswers = Atomic<Int>(0)

  /// - Parameter capacity: Questions that may be open at one time; one more has failed.
  init(
    _ decision: Decision, transport: any Transport, signers: any SignerFactory, userAgent: String,
    metrics: DecisionMetrics, capacity: Int, logger: Logger
  ) {
    self.decision = decision
    self.transport = transport
    self.metrics = metrics
    self.capacity = capacity
    self.logger = logger
    let signer = decision.secrets.isEmpty ? nil : try? signers.signer(for: decision.secrets)
    let isSigned = signer != nil || decision.secrets.isEmpty
    webhook =
      decision.misconfigured == nil && isSigned
      ? WebhookRequest(
        endpoint: decision.endpoint, signer: signer, headers: decision.headers, userAgent: userAgent) : nil
  }

  /// - Parameter completion: Called once, on any thread, within the decider's timeout.
  func ask(
    _ question: ReadCallback.Question, now: Timestamp, completion: @escaping @Sendable (Verdict) -> Void
  ) {
    let command = question.kind.command
    let record = question.record
    guard let webhook else {
      completion(failure(.misconfigured, after: .zero, command, decision.misconfigured ?? "its secrets cannot sign"))
      return
    }
    guard open.add(1, ordering: .relaxed).newValue <= capacity else {
      open.subtract(1, ordering: .relaxed)
      completion(failure(.overloaded, after: .zero, command, "\(capacity) questions are open and none more is asked"))
      return
    }
    var request = webhook.request(
      id: question.id.description, contentType: Self.contentType, attempt: 1, body: record.body, about: question.id,
      traceparent: record.traceparent, now: now)
    request.headers.append((name: Self.appHeader, value: question.kind.app.description))
    request.headers.append((name: Self.commandHeader, value: command))
    request.keepsAnswer = true
    transport.send(request) { [self] result in
      open.subtract(1, ordering: .relaxed)
      completion(verdict(on: result, command))
    }
  }

  private func verdict(on result: AttemptResult, _ command: String) -> Verdict {
    guard result.outcome == .success else {
      return failure(.attempt(result.outcome), after: result.duration, command, result.error ?? result.outcome.rawValue)
    }
    if let refusal = DeciderAnswer.refusal(of: result.answer, status: result.status) {
      return failure(.invalidAnswer, after: result.duration, command, refusal)
    }
    metrics.record(result.duration, .attempt(.success), before: command)
    noteAnswer()
    return .decided(result.answer?.body ?? [])
  }

  /// One that only answers now and then is not well.
  private func noteAnswer() {
    guard missingAnswers.load(ordering: .relaxed) > 0 else { return }
    if missingAnswers.subtract(1, ordering: .relaxed).newValue == 0 {
      logger.info("a decider answers again", metadata: ["url": "\(decision.endpoint.shownURL)"])
    }
  }

  /// The first failure of a streak is a line of the log.
  private func failure(_ outcome: DecisionOutcome, after duration: Duration, _ command: String, _ error: String)
    -> Verdict
  {
    metrics.record(duration, outcome, before: command)
    if missingAnswers.exchange(Self.recovery, ordering: .relaxed) <= 0 {
      logger.warning(
        "a decider failed",
        metadata: [
          "url": "\(decision.endpoint.shownURL)", "command": "\(command)", "outcome": "\(outcome.word)",
          "error": "\(error)", "answer": "\(decision.onFailure.rawValue)",
        ])
    }
    return .failed(decision.onFailure)
  }
}
