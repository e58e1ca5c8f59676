/// Whether a subscriber is taken to be up, by what becomes of its deliveries.
///
///     closed ── failures in a row ──▶ open ── a probe succeeds ──▶ half open ── good rounds ──▶ closed
///                                      ▲                              │
///                                      └────── failures in a row ─────┘
///
/// While it is closed only the failures of first attempts count. What has failed before and fails again may itself be the
/// cause: a few events that always fail would otherwise open the breaker in a quiet hour, and healthy ones would wait for
/// its probes. Half open the receiver is under suspicion, and every delivery counts once.
struct Breaker: Hashable, Sendable {
  enum State: Hashable, Sendable {
    case closed
    /// Nothing but one probe at a time, the next one not before this.
    case open(nextProbe: Timestamp)
    /// As many attempts at once as `limit`; it doubles after as many successes.
    case halfOpen(limit: Int, successes: Int)
  }

  private(set) var state = State.closed
  /// Deliveries that have failed since the last success, by their first event.
  private var failures: Set<SequenceNumber> = []

  var isOpen: Bool {
    if case .open = state { true } else { false }
  }

  /// How many attempts may be in flight.
  func limit(concurrency: Int) -> Int {
    switch state {
    case .closed: concurrency
    case .open: 1
    case .halfOpen(let limit, _): min(limit, concurrency)
    }
  }

  /// A delivery has succeeded.
  mutating func succeed(concurrency: Int) {
    failures = []
    switch state {
    case .closed: break
    case .open: recover()
    case .halfOpen(let limit, let successes):
      if successes + 1 < limit {
        state = .halfOpen(limit: limit, successes: successes + 1)
      } else {
        state = 2 * limit < concurrency ? .halfOpen(limit: 2 * limit, successes: 0) : .closed
      }
    }
  }

  /// The receiver speaks, or may be expected to again: it is approached step by step.
  mutating func recover() {
    failures = []
    state = .halfOpen(limit: 1, successes: 0)
  }

  /// A delivery has failed, in a way that speaks of the receiver.
  ///
  /// - Parameter isFirst: Whether it was its first attempt.
  mutating func fail(_ delivery: SequenceNumber, isFirst: Bool, _ policy: BreakerPolicy, now: Timestamp) {
    guard !isOpen, isFirst || state != .closed else { return }
    failures.insert(delivery)
    if failures.count >= policy.openAfter {
      failures = []
      state = .open(nextProbe: now + policy.probeEvery)
    } else if case .halfOpen = state {
      state = .halfOpen(limit: 1, successes: 0)
    }
  }

  /// A probe goes out.
  mutating func probe(_ policy: BreakerPolicy, now: Timestamp) {
    state = .open(nextProbe: now + policy.probeEvery)
  }

  /// The clock may have been set back, or the policy have become shorter.
  mutating func keepProbeNear(_ policy: BreakerPolicy, now: Timestamp) {
    if case .open(let nextProbe) = state { state = .open(nextProbe: min(nextProbe, now + policy.probeEvery)) }
  }
}
