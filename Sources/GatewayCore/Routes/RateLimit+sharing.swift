extension RateLimit {
  /// Divides what a receiver takes between live delivery and some replays, so that all together stay within it: the
  /// replays have half of it at most, and those with a lower limit of their own no more than that.
  package func shared(withReplays limits: [RateLimit?]) -> (live: RateLimit, replays: [RateLimit]) {
    guard !limits.isEmpty else { return (self, []) }
    let half = count / 2
    guard half >= limits.count else { return sharedByTurns(limits) }
    let share = RateLimit(count: half / limits.count, period: period)
    let replays = limits.map { limit in limit.map { $0.perSecond < share.perSecond ? $0 : share } ?? share }
    let taken = replays.reduce(0) { $0 + Int(($1.perSecond * period.inSeconds).rounded(.up)) }
    return (RateLimit(count: max(1, count - taken), period: period), replays)
  }

  /// A limit that is too low to be divided: the replays have one request of it, or half of the only one, in turns.
  private func sharedByTurns(_ limits: [RateLimit?]) -> (live: RateLimit, replays: [RateLimit]) {
    let share = RateLimit(count: 1, period: period * (count > 1 ? limits.count : 2 * limits.count))
    let live = count > 1 ? RateLimit(count: count - 1, period: period) : RateLimit(count: 1, period: period * 2)
    return (live, limits.map { limit in limit.map { $0.perSecond < share.perSecond ? $0 : share } ?? share })
  }

  private var perSecond: Double { Double(count) / period.inSeconds }
}
