/// Counts as they were at moments past, so that what came in between can be told.
///
/// Points are at least `step` apart and reach back at least `span`, as soon as there are that many; no more than
/// `span / step + 2` are kept.
struct Trail<Counts: Sendable>: Sendable {
  typealias Instant = ContinuousClock.Instant

  private let step: Duration
  private let span: Duration
  private var points: [(at: Instant, counts: Counts)]
  private var latest: (at: Instant, counts: Counts)

  init(step: Duration, span: Duration, from start: Instant, _ counts: Counts) {
    self.step = step
    self.span = span
    points = [(start, counts)]
    latest = points[0]
  }

  mutating func record(_ counts: Counts, at now: Instant) {
    latest = (now, counts)
    if let last = points.last, now - last.at >= step { points.append(latest) }
    // The one before the span begins is needed to tell what came within it.
    while points.count > 1, now - points[1].at >= span { points.removeFirst() }
  }

  /// How far it reaches back, and the counts at both ends.
  var reach: (duration: Duration, from: Counts, to: Counts) {
    (latest.at - points[0].at, points[0].counts, latest.counts)
  }

  var pointCount: Int { points.count }
}

extension Trail<Int> {
  /// How many came in a second; 0 before any time has passed.
  var perSecond: Double {
    let (duration, from, to) = reach
    return duration > .zero ? Double(to - from) / (duration / .seconds(1)) : 0
  }
}
