import Foundation
import GatewayCore
import Synchronization
import TencentChat

/// Posts the callbacks of calls, behind their answers, and tells the observer of each call when that is done.
///
/// Calls begin in their order. The callbacks of one call go one after another, those of several calls beside each other.
final class CallbackPoster: Sendable {
  /// Calls whose callbacks are under way.
  static let maxInFlight = 64
  /// What waits beyond them, in calls and in pairs; the callbacks of a call that finds no room are dropped.
  static let maxWaitingCalls = 10_000
  static let maxWaitingPairs = 500_000

  static let droppedReason = "dropped: too many callbacks wait; answer faster, or make fewer calls"
  static let abandonedReason = "not posted: the simulator was stopped before"

  private struct Waiting: Sendable {
    let due: ContinuousClock.Instant
    let answeredAt: Timestamp
    let answer: RESTAnswer

    var pairCount: Int { answer.callbacks.reduce(0) { $0 + $1.pairs.count } }
  }

  private struct Load {
    var calls = 0
    var pairs = 0
  }

  private let settings: CallbackSettings
  private let transport: any Transport
  private let digest: any Digest
  private let judge: CallbackForwarder
  private let observer: any SimulatorObserver
  private let clock: WallClock
  private let load = Mutex(Load())
  private let waiting: AsyncStream<Waiting>
  private let queue: AsyncStream<Waiting>.Continuation

  init(
    settings: CallbackSettings, transport: any Transport, digest: any Digest, observer: any SimulatorObserver,
    clock: @escaping WallClock
  ) {
    self.settings = settings
    self.transport = transport
    self.digest = digest
    self.observer = observer
    self.clock = clock
    judge = CallbackForwarder(digest: digest)
    // Bounded by `load`, which also knows how large the calls are.
    (waiting, queue) = AsyncStream.makeStream()
  }

  /// Takes what a call has to post, and returns at once.
  func post(_ answer: RESTAnswer) {
    let call = Waiting(due: .now + settings.delay, answeredAt: clock(), answer: answer)
    guard !answer.callbacks.isEmpty else { return report(call, []) }
    guard reserve(call) else { return drop(call, Self.droppedReason) }
    if case .enqueued = queue.yield(call) { return }
    release(call)
    drop(call, Self.abandonedReason)
  }

  /// Nothing more comes: `run` returns when what waits has been posted.
  func finish() { queue.finish() }

  /// To be run once. Cancelled, it posts nothing more, and returns when what is under way is answered or out of time.
  func run() async {
    await withTaskGroup(of: Void.self) { group in
      var inFlight = 0
      for await call in waiting {
        if inFlight == Self.maxInFlight {
          await group.next()
          inFlight -= 1
        }
        // Cut short by cancellation only, which the call's own task then sees.
        try? await Task.sleep(until: call.due, clock: .continuous)
        group.addTask { await self.post(call) }
        inFlight += 1
      }
    }
  }

  /// Calls whose callbacks have not been begun.
  var waitingCalls: Int { load.withLock { $0.calls } }

  private func post(_ call: Waiting) async {
    release(call)
    guard let appID = call.answer.appID else { preconditionFailure("only a call of an app has callbacks") }
    var outcomes: [CallbackOutcome] = []
    for callback in call.answer.callbacks {
      outcomes.append(await post(callback, appID, clientIP: call.answer.clientIP))
    }
    report(call, outcomes)
  }

  private func post(_ callback: PairCallback, _ appID: AppID, clientIP: String) async -> CallbackOutcome {
    guard !Task.isCancelled else { return dropped(callback, Self.abandonedReason) }
    let query = OutgoingQuery(
      appID: appID, command: callback.command.rawValue, clientIP: clientIP, token: settings.token, digest: digest)
    let requestID = UUID().uuidString.lowercased()
    let body = callback.body
    var tries = 0
    while true {
      tries += 1
      let result = await send(
        settings.target.request(query: query.text(requestID: requestID, now: clock()), body: body))
      let failure = failure(of: result)
      let isTriedAgain = result.outcome == .timeout && tries <= settings.retriesOnTimeout && !Task.isCancelled
      if let failure {
        observer.callbackFailed(
          CallbackFailure(
            command: callback.command, requestID: requestID, reason: failure, isTriedAgain: isTriedAgain))
      }
      guard isTriedAgain else {
        return CallbackOutcome(
          command: callback.command, pairCount: callback.pairs.count, tries: tries, failure: failure)
      }
    }
  }

  private static let whatTencentTakes = "Tencent takes only 200 with a JSON body"

  /// Tencent wants 200 and a JSON body. What that says decides nothing.
  private func failure(of result: AttemptResult) -> String? {
    guard result.outcome == .success, let status = result.status else {
      return result.error ?? "the callback failed: \(result.outcome.rawValue)"
    }
    // Of these two the judge would speak as of a subscriber that takes whole callbacks.
    guard status == 200 else { return "the answer was \(status); \(Self.whatTencentTakes)" }
    guard let answer = result.answer, !answer.body.isEmpty else {
      return "the answer has no body; \(Self.whatTencentTakes)"
    }
    return judge.refusal(in: answer, status: status)
  }

  private func send(_ request: OutboundRequest) async -> AttemptResult {
    var request = request
    request.keepsAnswer = true
    return await withCheckedContinuation { continuation in
      transport.send(request) { continuation.resume(returning: $0) }
    }
  }

  private func drop(_ call: Waiting, _ reason: String) {
    report(call, call.answer.callbacks.map { dropped($0, reason) })
  }

  private func dropped(_ callback: PairCallback, _ reason: String) -> CallbackOutcome {
    observer.callbackFailed(
      CallbackFailure(command: callback.command, requestID: nil, reason: reason, isTriedAgain: false))
    return CallbackOutcome(command: callback.command, pairCount: callback.pairs.count, tries: 0, failure: reason)
  }

  private func report(_ call: Waiting, _ outcomes: [CallbackOutcome]) {
    observer.called(CallReport(answeredAt: call.answeredAt, answer: call.answer, callbacks: outcomes))
  }

  private func reserve(_ call: Waiting) -> Bool {
    load.withLock { load in
      guard load.calls < Self.maxWaitingCalls, load.pairs + call.pairCount <= Self.maxWaitingPairs else { return false }
      load.calls += 1
      load.pairs += call.pairCount
      return true
    }
  }

  private func release(_ call: Waiting) {
    load.withLock { load in
      load.calls -= 1
      load.pairs -= call.pairCount
    }
  }
}
