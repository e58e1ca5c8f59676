import GatewayCore

/// One lane by itself, and the moments and outcomes that tests of it use.
struct LaneFixture {
  static let id = LaneID(rawValue: 1)
  static let start = Timestamp(seconds: 1_000_000)

  var machine: LaneStateMachine
  var now = Self.start
  private var admitted: Int64 = 0

  init(
    _ settings: LaneSettings = .sample(), hold: LaneHold = LaneHold(), keyed: [DeliveryException] = [],
    above: [DeliveryException] = []
  ) {
    let record = LaneRecord(id: Self.id, subscriber: "a", cursor: .first, clock: HeldClock(), hold: hold, forgetAt: nil)
    let waiting = Set(keyed + above).filter { $0.state == .retrying || $0.state == .parked && !$0.members.isEmpty }
    let counts = ExceptionCounts(
      retrying: waiting.count { $0.state == .retrying }, parkedRuns: waiting.count { $0.state == .parked },
      waitingEvents: waiting.reduce(0) { $0 + $1.eventCount })
    machine = LaneStateMachine(
      lane: record, held: LaneStateMachine.Held(counts: counts, keyed: keyed, aboveCursor: above), settings: settings,
      now: now)
  }

  /// Admits the next events, one for each key.
  mutating func admit(keys: [UInt64?]) {
    for key in keys {
      admitted += 1
      machine.admit(
        SequenceNumber(rawValue: admitted), acceptedAt: now, key: key.map(OrderingKey.init(rawValue:)), now: now)
    }
  }

  mutating func admit(_ count: Int) { admit(keys: Array(repeating: nil, count: count)) }

  mutating func wait(_ duration: Duration) {
    now = now + duration
    machine.tick(now: now)
  }

  mutating func send() -> LaneSend? { machine.nextSend(now: now) }

  /// All that may go now.
  mutating func sendAll() -> [LaneSend] {
    var sends: [LaneSend] = []
    while let send = send() { sends.append(send) }
    return sends
  }

  @discardableResult
  mutating func finish(_ send: LaneSend, _ result: AttemptResult) -> LaneVerdict {
    machine.finish(send, result: result, now: now, fraction: 0.5)
  }

  /// Sends and finishes one after the other, as long as there is something to send.
  mutating func answer(_ count: Int = .max, with result: AttemptResult) -> Int {
    var answered = 0
    while answered < count, let send = send() {
      finish(send, result)
      answered += 1
    }
    return answered
  }

  /// Records what is to be recorded, and returns it.
  @discardableResult
  mutating func settle() -> Settlement? {
    let settlement = machine.takeSettlement(for: Self.id)
    machine.settlementCommitted()
    return settlement
  }
}

extension AttemptResult {
  static let success = AttemptResult(outcome: .success, status: 200, duration: .zero)

  static func status(_ status: Int, retryAfter: Duration? = nil) -> AttemptResult {
    AttemptResult(
      outcome: status < 500 ? .http4xx : .http5xx, status: status, duration: .zero, retryAfter: retryAfter,
      error: "the answer was \(status)")
  }
}

extension LaneSettings {
  static func sample(
    concurrency: Int = 16, retry: RetryPolicy = RetryPolicy(delays: [.seconds(1)], jitter: 0),
    breaker: BreakerPolicy = BreakerPolicy(openAfter: 5, probeEvery: .seconds(30)), isOrdered: Bool = false,
    batch: BatchPolicy? = nil, url: UInt64 = 1, isHeld: Bool = false
  ) -> LaneSettings {
    LaneSettings(
      concurrency: concurrency, retry: retry, breaker: breaker, isOrdered: isOrdered, batch: batch,
      attemptTimeout: .seconds(10), url: url, isHeld: isHeld)
  }
}
