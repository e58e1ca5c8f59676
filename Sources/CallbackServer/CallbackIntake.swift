import GatewayCore
import NIOCore
import TencentChat

/// Checks 7 and 8 of the contract: a callback's body becomes a batch, and the batch durable.
struct CallbackIntake: Sendable {
  let reader: CallbackReader
  let decisions: DecisionDesk
  let context: IntakeContext

  /// What is to be done with a body.
  enum Reading {
    /// Nothing needs the journal: the answer is known.
    case settled(CallbackOutcome)
    case append(UnstoredCallback)
  }

  /// - Parameter arrivedAt: When the last byte of the body came: the deadline counts from there.
  func read(_ body: [UInt8], of callback: AdmittedCallback, arrivedAt: ContinuousClock.Instant) -> Reading {
    let read: ReadCallback
    do {
      read = try reader.read(
        query: callback.query, app: callback.app.configuration, peer: callback.peer,
        traceparent: callback.traceparent, via: callback.via, body: body, receivedAt: context.clock())
    } catch {
      return .settled(.refused(.malformed(error.description)))
    }
    guard read.batch != nil || read.question != nil else {
      context.metrics.countAccepted(read, of: callback.app.metrics)
      return .settled(.taken(reply: read.reply))
    }
    return .append(UnstoredCallback(read: read, metrics: callback.app.metrics, arrivedAt: arrivedAt))
  }

  /// Hands a callback to the journal, which answers by the deadline whatever happens. One that Tencent waits for goes to
  /// its decider before.
  ///
  /// - Parameter completion: Called on the event loop.
  func append(
    _ callback: UnstoredCallback, answerOn eventLoop: any EventLoop,
    completion: @escaping @Sendable (CallbackOutcome) -> Void
  ) {
    if let question = callback.read.question {
      DecisionRun(callback, question, context: context, eventLoop: eventLoop, completion: completion)
        .start(asking: decisions.decider(before: question.kind.command, of: question.kind.app))
      return
    }
    guard let batch = callback.read.batch else { return completion(.taken(reply: callback.read.reply)) }
    context.journal.append(batch, deadline: callback.arrivedAt + context.ackDeadline) { result in
      eventLoop.execute { completion(outcome(of: callback, result)) }
    }
  }

  private func outcome(of callback: UnstoredCallback, _ result: Result<AppendOutcome, JournalError>)
    -> CallbackOutcome
  {
    switch result {
    case .success(.appended): context.metrics.countAccepted(callback.read, of: callback.metrics)
    case .success(.duplicate): context.metrics.countDuplicate(of: callback.metrics)
    case .failure(let error): return .refused(.journalUnavailable, detail: error.description)
    }
    return .taken(reply: callback.read.reply)
  }
}
