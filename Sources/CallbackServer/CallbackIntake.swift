import GatewayCore
import NIOCore
import TencentChat

/// Checks 7 and 8 of the contract: a callback's body becomes a batch, and the batch durable.
struct CallbackIntake: Sendable {
  let journal: any Journal
  let ackDeadline: Duration
  let limits: CallbackServerLimits
  let metrics: CallbackMetrics
  let clock: WallClock
  private let reader: CallbackReader
  private let decisions: DecisionDesk

  init(
    reader: CallbackReader, journal: any Journal, ackDeadline: Duration, limits: CallbackServerLimits,
    decisions: DecisionDesk, metrics: CallbackMetrics, clock: @escaping WallClock
  ) {
    self.reader = reader
    self.journal = journal
    self.ackDeadline = ackDeadline
    self.limits = limits
    self.decisions = decisions
    self.metrics = metrics
    self.clock = clock
  }

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
        traceparent: callback.traceparent, via: callback.via, body: body, receivedAt: clock())
    } catch {
      return .settled(.refused(.malformed(error.description)))
    }
    guard let batch = read.batch else {
      metrics.countAccepted(read, of: callback.app.metrics)
      return .settled(.taken(reply: read.reply))
    }
    return .append(
      UnstoredCallback(read: read, batch: batch, metrics: callback.app.metrics, arrivedAt: arrivedAt))
  }

  /// Hands a callback to the journal, which answers by the deadline whatever happens. One that Tencent waits for goes to
  /// its decider before.
  ///
  /// - Parameter completion: Called on the event loop.
  func append(
    _ callback: UnstoredCallback, answerOn eventLoop: any EventLoop,
    completion: @escaping @Sendable (CallbackOutcome) -> Void
  ) {
    guard callback.read.question == nil else {
      let kind = callback.batch.kind
      DecisionRun(callback, intake: self, eventLoop: eventLoop, completion: completion)
        .start(asking: decisions.decider(before: kind.command, of: kind.app))
      return
    }
    journal.append(callback.batch, deadline: callback.arrivedAt + ackDeadline) { result in
      eventLoop.execute { completion(outcome(of: callback, result)) }
    }
  }

  private func outcome(of callback: UnstoredCallback, _ result: Result<AppendOutcome, JournalError>)
    -> CallbackOutcome
  {
    switch result {
    case .success(.appended): metrics.countAccepted(callback.read, of: callback.metrics)
    case .success(.duplicate): metrics.countDuplicate(of: callback.metrics)
    case .failure(let error): return .refused(.journalUnavailable, detail: error.description)
    }
    return .taken(reply: callback.read.reply)
  }
}

/// A callback that has passed every check but the last.
struct UnstoredCallback: Sendable {
  let read: ReadCallback
  let batch: NewBatch
  let metrics: AppMetrics
  /// When the last byte of its body came: its deadlines count from there.
  let arrivedAt: ContinuousClock.Instant
}

/// What became of a callback whose body was read.
enum CallbackOutcome: Sendable {
  /// It is on disk, or was before, or holds nothing to put there.
  case taken(reply: [UInt8])
  /// - detail: More for the operator than the sender is told.
  case refused(Refusal, detail: String? = nil)
}
