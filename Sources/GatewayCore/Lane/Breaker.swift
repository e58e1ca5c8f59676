/// Whether a subscriber is taken to be up, by what becomes of its deliveries.
///
///     closed ── failures in a row ──▶ open ── a probe succeeds ──▶ half open ── good rounds ──▶ closed
///                                      ▲                              │
///                                      └────── failures in a row ─────┘
///
/// Only the failures of first attempts count. What has failed before and fails again may itself be the cause: a few
/// events that always fail would otherwise open the breaker in a quiet hour, and healthy ones would wait for its probes.
struct Breaker: Hashable, Sendable {
  enum State: Hashable, Sendable {
    case closed
    /// Nothing but one probe at a time, the next one not before this.
    case open(nextProbe: Timestamp)
    /// As many attempts at once as `limit`; it doubles after as many successes.
    case halfOpen(limit: Int, successes: Int)
  }

  private(set) var state = State.closed
  private var failures = 0

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
    failures = 0
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
    failures = 0
    state = .halfOpen(limit: 1, successes: 0)
  }

  /// A first attempt has failed, in a way that speaks of the receiver.
  mutating func fail(_ policy: BreakerPolicy, now: Timestamp) {
    guard !isOpen else { return }
    failures += 1
    if failures >= policy.openAfter {
      failures = 0
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
