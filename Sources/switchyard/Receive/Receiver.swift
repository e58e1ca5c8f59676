import GatewayCore
import Synchronization

/// Judges each delivery, writes its lines, and says what to answer. May be called from any thread.
final class Receiver: Sendable {
  static let unauthorizedStatus = 401

  /// How long every answer waits.
  let delay: Duration

  private struct State {
    var misbehaviour: Misbehaviour
    var tally = ReceiveTally()
  }

  private let check: SignatureCheck
  private let clock: WallClock
  private let output: @Sendable (Receipt) -> Void
  private let state: Mutex<State>

  init(
    check: SignatureCheck, misbehaviour: Misbehaviour, delay: Duration, clock: @escaping WallClock = Timestamp.now,
    output: @escaping @Sendable (Receipt) -> Void
  ) {
    self.check = check
    self.delay = delay
    self.clock = clock
    self.output = output
    state = Mutex(State(misbehaviour: misbehaviour))
  }

  var tally: ReceiveTally { state.withLock { $0.tally } }

  /// The status to answer with.
  func receive(_ headers: DeliveryHeaders, query: String = "", body: [UInt8]) -> Int {
    let now = clock()
    let verdict = check.verdict(on: headers, body: body, now: now)
    let shown = ReceivedBody(body, query: query)
    let receipt = state.withLock { state in
      let status = verdict.isAcceptable ? state.misbehaviour.nextStatus() : Self.unauthorizedStatus
      let receipt = Receipt(receivedAt: now, headers: headers, verdict: verdict, status: status, body: shown)
      state.tally.count(receipt)
      return receipt
    }
    output(receipt)
    return receipt.status
  }
}
