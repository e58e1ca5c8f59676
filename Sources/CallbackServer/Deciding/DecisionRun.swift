import GatewayCore
import NIOCore
import TencentChat

/// One callback that Tencent waits for: it is decided, journalled and answered, and the answer leaves in time whatever
/// becomes of the rest.
///
/// All of it is on the event loop of the callback's connection.
final class DecisionRun {
  private enum Phase {
    case new, asking, storing
    /// It is a repeat, and the first one's answer is looked up.
    case recalling
    case answered
  }

  private let context: IntakeContext
  private let app: AppMetrics
  private let kind: EventKind
  private let arrivedAt: ContinuousClock.Instant
  private let eventLoop: any EventLoop
  private let complete: (CallbackOutcome) -> Void
  private var phase = Phase.new
  /// With the answer instead of the question, once there is one.
  private var read: ReadCallback
  /// Nil if nobody was asked.
  private var decidedAt: ContinuousClock.Instant?
  private var timer: Scheduled<Void>?

  /// - Parameter completion: Called once, on the event loop.
  init(
    _ callback: UnstoredCallback, _ question: ReadCallback.Question, context: IntakeContext, eventLoop: any EventLoop,
    completion: @escaping (CallbackOutcome) -> Void
  ) {
    self.context = context
    app = callback.metrics
    kind = question.kind
    arrivedAt = callback.arrivedAt
    self.eventLoop = eventLoop
    complete = completion
    read = callback.read
  }

  func start(asking decider: Decider?) {
    guard let decider, let question = read.question else {
      store(read.reply)
      return
    }
    phase = .asking
    let onFailure = decider.decision.onFailure
    let this = NIOLoopBound(self, eventLoop: eventLoop)
    arm(for: context.limits.decidingTime) { this.value.decided(.failed(onFailure)) }
    decider.ask(question, now: context.clock()) { [eventLoop] verdict in
      eventLoop.execute { this.value.decided(verdict) }
    }
  }

  private func decided(_ verdict: Decider.Verdict) {
    guard phase == .asking else { return }
    decidedAt = .now
    switch verdict {
    case .decided(let answer): store(answer)
    case .failed(.allow): store(read.reply)
    case .failed(.deny): store(read.question?.denial ?? read.reply)
    }
  }

  private func store(_ answer: [UInt8]) {
    phase = .storing
    read = read.answered(answer)
    let this = NIOLoopBound(self, eventLoop: eventLoop)
    arm(for: context.limits.decisionAnswerTime) { this.value.answerAtLast(JournalError.deadlineExceeded.description) }
    guard let batch = read.batch else { return self.answer(answer) }
    context.journal.append(batch, deadline: deadline) { [eventLoop] result in
      eventLoop.execute { this.value.stored(result) }
    }
  }

  /// As long as any callback may wait for the journal, but not beyond the time to answer.
  private var deadline: ContinuousClock.Instant {
    min(.now + context.ackDeadline, arrivedAt + context.limits.decisionJournalTime)
  }

  private func stored(_ result: Result<AppendOutcome, JournalError>) {
    switch result {
    case .success(.appended):
      context.metrics.countAccepted(read, of: app)
      answer(read.reply)
    case .success(.duplicate(let first)):
      context.metrics.countDuplicate(of: app)
      answerAsBefore(first)
    case .failure(let error): answerAtLast(error.description)
    }
  }

  /// Answers a repeat as the first was.
  private func answerAsBefore(_ first: SequenceNumber) {
    guard phase == .storing else { return }
    phase = .recalling
    let this = NIOLoopBound(self, eventLoop: eventLoop)
    let journal = context.journal
    Task { [eventLoop] in
      // It may have been trimmed in the meantime.
      let batch = try? await journal.batch(at: first)
      let earlier = batch.flatMap { CallbackRecord(decoding: $0.payload) }?.decision
      eventLoop.execute { this.value.answer(earlier ?? this.value.read.reply) }
    }
  }

  /// The time to answer has come, or there is nothing more to wait for.
  private func answerAtLast(_ reason: String) {
    if phase == .storing {
      context.metrics.countUnjournaled(before: kind.command)
      context.log.unjournaled(kind, error: reason, on: eventLoop)
    }
    answer(read.reply)
  }

  private func answer(_ reply: [UInt8]) {
    timer?.cancel()
    guard phase != .answered else { return }
    phase = .answered
    complete(.taken(reply: reply, decidedAt: decidedAt))
  }

  /// - Parameter time: From the last byte of the body.
  private func arm(for time: Duration, _ expire: @escaping @Sendable () -> Void) {
    timer?.cancel()
    let rest = arrivedAt + time - .now
    timer = eventLoop.scheduleTask(in: TimeAmount(max(rest, .zero))) { expire() }
  }
}
