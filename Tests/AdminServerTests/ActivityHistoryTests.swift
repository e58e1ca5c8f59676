import PrometheusMetrics
import Testing

@testable import AdminServer

@Suite("The activity of the last minutes")
struct ActivityHistoryTests {
  private static let start = ContinuousClock.now
  private static let bounds = [0.01, 0.1, 1]

  private static func after(_ seconds: Double) -> ContinuousClock.Instant { start + .seconds(seconds) }

  private static func buckets(_ counts: [UInt64]) -> Buckets {
    Buckets(DistributionReading(bounds: bounds, counts: counts, sum: 0))
  }

  private static func sample(
    callbacks: Int = 0, events: Int = 0, _ subscribers: [String: ActivitySample.Subscriber] = [:]
  ) -> ActivitySample {
    var sample = ActivitySample()
    (sample.callbacks, sample.events, sample.subscribers) = (callbacks, events, subscribers)
    return sample
  }

  private static func delivered(_ count: Int) -> ActivitySample.Subscriber {
    ActivitySample.Subscriber(delivered: count, attempts: count, successes: count, durations: Buckets())
  }

  @Test("is unknown before anything was looked at")
  func unknown() {
    let history = ActivityHistory(from: Self.start)
    #expect(history.recent == nil)
    #expect(history.recent(of: "audit") == nil)
  }

  @Test("a rate is over the last half minute, or what there is of it")
  func rates() {
    var history = ActivityHistory(from: Self.start)
    history.record(Self.sample(callbacks: 20, events: 60, ["a": Self.delivered(10)]), at: Self.after(2))
    #expect(history.recent?.callbacksPerSecond == 10)
    #expect(history.recent?.eventsPerSecond == 30)
    #expect(history.recent?.deliveredPerSecond == 5)
    #expect(history.recent(of: "a")?.deliveredPerSecond == 5)
    for second in stride(from: 4.0, through: 40, by: 2) {
      history.record(Self.sample(callbacks: 20, events: 60, ["a": Self.delivered(10)]), at: Self.after(second))
    }
    #expect(history.recent?.callbacksPerSecond == 0)
    #expect(history.recent(of: "a")?.deliveredPerSecond == 0)
  }

  @Test("quantiles lie within their bucket, by how far they are into it")
  func quantiles() {
    var history = ActivityHistory(from: Self.start)
    var sample = Self.sample()
    sample.acknowledgements = Self.buckets([50, 40, 8, 2])
    history.record(sample, at: Self.after(2))
    #expect(history.recent?.acknowledgedP50 == 0.01)
    #expect(history.recent?.acknowledgedP99 == 1)
    #expect(Self.buckets([0, 4, 0, 0]).quantile(0.25) == 0.01 + 0.09 / 4)
    #expect(Self.buckets([4, 0, 0, 0]).quantile(0.5) == 0.005)
    #expect(Self.buckets([0, 0, 0, 9]).quantile(0.5) == 1)
    #expect(Self.buckets([0, 0, 0, 0]).quantile(0.5) == nil)
    #expect(Buckets().quantile(0.5) == nil)
  }

  @Test("the window is five minutes: what is older no longer counts")
  func window() {
    var history = ActivityHistory(from: Self.start)
    let old = ActivitySample.Subscriber(delivered: 0, attempts: 8, successes: 0, durations: Self.buckets([0, 0, 8, 0]))
    let new = ActivitySample.Subscriber(
      delivered: 3, attempts: 12, successes: 3, durations: Self.buckets([4, 0, 8, 0]))
    history.record(Self.sample(["a": old]), at: Self.after(10))
    #expect(history.recent(of: "a")?.successRate == 0)
    #expect(history.recent(of: "a")?.window == .seconds(10))
    for second in stride(from: 12.0, through: 400, by: 2) {
      history.record(Self.sample(["a": second < 300 ? old : new]), at: Self.after(second))
    }
    let recent = history.recent(of: "a")
    #expect(recent?.attempts == 4)
    #expect(recent?.successRate == 0.75)
    #expect(recent?.attemptP50 == 0.005)
    #expect((recent?.window ?? .zero) >= .seconds(300) && (recent?.window ?? .zero) < .seconds(332))
  }

  @Test("a subscriber without traffic has no success rate and no times")
  func idle() {
    var history = ActivityHistory(from: Self.start)
    history.record(Self.sample(["a": Self.delivered(0)]), at: Self.after(2))
    let recent = history.recent(of: "a")
    #expect(recent?.attempts == 0)
    #expect(recent?.successRate == nil)
    #expect(recent?.attemptP50 == nil)
    #expect(recent?.attemptP99 == nil)
    #expect(recent?.deliveredPerMinute == [Int](repeating: 0, count: 60))
  }

  @Test("a counter that began anew is not taken for one that fell")
  func reset() {
    var history = ActivityHistory(from: Self.start)
    history.record(Self.sample(callbacks: 100, ["a": Self.delivered(100)]), at: Self.after(2))
    history.record(Self.sample(callbacks: 4, ["a": Self.delivered(7)]), at: Self.after(4))
    #expect(history.recent?.callbacksPerSecond == 26)
    #expect(history.recent(of: "a")?.attempts == 107)
    #expect(history.recent(of: "a")?.deliveredPerMinute.last == 107)
  }

  @Test("a subscriber that goes is forgotten, and begins anew when it comes back; the whole keeps what it had")
  func comingAndGoing() {
    var history = ActivityHistory(from: Self.start)
    history.record(Self.sample(["a": Self.delivered(10), "b": Self.delivered(1)]), at: Self.after(2))
    history.record(Self.sample(["b": Self.delivered(1)]), at: Self.after(4))
    #expect(history.recent(of: "a") == nil)
    #expect(history.recent?.deliveredPerSecond == 2.75)
    history.record(Self.sample(["a": Self.delivered(2), "b": Self.delivered(1)]), at: Self.after(6))
    #expect(history.recent(of: "a")?.attempts == 2)
    #expect(history.recent(of: "a")?.deliveredPerSecond == 1)
    #expect(history.recent(of: "a")?.window == .seconds(2))
    #expect(history.recent(of: "b")?.window == .seconds(6))
  }

  @Test("the last hour is sixty minutes, counted back from now")
  func minutes() {
    var counts = MinuteCounts(from: Self.start)
    counts.add(5, at: Self.after(0))
    counts.add(1, at: Self.after(59))
    #expect(counts.perMinute.last == 6)
    counts.add(2, at: Self.after(60))
    #expect(counts.perMinute.suffix(2) == [5, 3])
    counts.add(0, at: Self.after(3599))
    #expect(counts.perMinute.first == 6 && counts.perMinute.reduce(0, +) == 8)
    counts.add(7, at: Self.after(3605))
    #expect(counts.perMinute.reduce(0, +) == 10)
    counts.add(4, at: Self.after(1_000_000))
    #expect(counts.perMinute == [Int](repeating: 0, count: 59) + [4])
  }

  @Test("keeps no more points than it needs, however long it runs")
  func bounds() {
    var trail = Trail(step: .seconds(2), span: .seconds(30), from: Self.start, 0)
    for index in 1...5000 { trail.record(index, at: Self.after(Double(index) / 3)) }
    #expect(trail.pointCount <= 17)
    #expect(trail.reach.duration >= .seconds(30))
    #expect(abs(trail.perSecond - 3) < 0.001)
  }

  @Test("a moment that comes twice divides nothing by zero")
  func standstill() {
    var trail = Trail(step: .seconds(2), span: .seconds(30), from: Self.start, 0)
    trail.record(5, at: Self.start)
    #expect(trail.perSecond == 0)
  }
}
