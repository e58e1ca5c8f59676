import CoreMetrics
import Foundation
import GatewayCore
import PrometheusMetrics
import Synchronization
import Testing

@testable import AdminServer

@Suite("The activity that the door tells")
struct ActivityRecorderTests {
  private let registry = PrometheusRegistry()

  init() {
    for family in [MetricFamily.callbacksAccepted, .eventsAccepted, .deliveries, .deliveryAttempts] {
      registry.declare(name: family.name, help: family.help, kind: .counter)
    }
    for family in [MetricFamily.ackDuration, .attemptDuration] {
      guard case .histogram(let buckets) = family.kind else { continue }
      registry.declare(name: family.name, help: family.help, kind: .histogram(buckets: buckets))
    }
  }

  private func count(_ family: MetricFamily, _ labels: [(String, String)], _ count: Int) {
    Counter(label: family.name, dimensions: labels, factory: registry).increment(by: count)
  }

  private func time(_ family: MetricFamily, _ labels: [(String, String)], _ seconds: Double) {
    Recorder(label: family.name, dimensions: labels, aggregate: true, factory: registry).record(seconds)
  }

  private func feed() {
    for app in ["1400000001", "1400000002"] {
      count(.callbacksAccepted, [("app", app)], 10)
      for type in ["a", "b"] { count(.eventsAccepted, [("app", app), ("type", type)], 20) }
    }
    let label = ("subscriber", "moderation")
    count(.deliveries, [label, ("result", "delivered")], 30)
    count(.deliveries, [label, ("result", "dead")], 5)
    count(.deliveryAttempts, [label, ("outcome", "success")], 30)
    count(.deliveryAttempts, [label, ("outcome", "http_5xx")], 10)
    time(.ackDuration, [], 0.002)
    time(.attemptDuration, [label], 0.02)
  }

  @Test("is read from the process's own metrics")
  func sample() {
    feed()
    let sample = ActivitySample(registry)
    #expect(sample.callbacks == 20)
    #expect(sample.events == 80)
    #expect(sample.acknowledgements.total == 1)
    #expect(sample.subscribers.keys.sorted() == ["moderation"])
    #expect(sample.subscribers["moderation"]?.delivered == 30)
    #expect(sample.subscribers["moderation"]?.attempts == 40)
    #expect(sample.subscribers["moderation"]?.successes == 30)
    #expect(sample.subscribers["moderation"]?.durations.total == 1)
  }

  @Test("by a clock that the test moves")
  func clock() throws {
    let start = ContinuousClock.now
    let moment = Mutex(start)
    let recorder = ActivityRecorder(registry: registry, period: .seconds(2), now: { moment.withLock { $0 } })
    feed()
    moment.withLock { $0 = start + .seconds(4) }
    recorder.look()
    #expect(recorder.recent?.callbacksPerSecond == 5)
    let subscriber = try #require(recorder.recent(of: "moderation"))
    #expect(subscriber.deliveredPerSecond == 7.5)
    #expect(subscriber.successRate == 0.75)
    #expect(subscriber.attemptP50 == 0.0175)
  }

  @Test("stands in /v1/stats and at each subscriber")
  func documents() async throws {
    feed()
    var limits = AdminLimits()
    limits.activityPeriod = .milliseconds(20)
    let control = FakeControl(status: .success(Samples.status))
    try await Door.open(control: control, registry: registry, limits: limits) { door in
      var stats = try await Self.document(door, "/v1/stats")
      while stats["recent"] == nil { stats = try await Self.document(door, "/v1/stats") }
      let recent = try #require(stats["recent"] as? [String: Any])
      #expect(recent["acknowledgedP99Seconds"] as? Double == 0.002485)
      #expect((recent["callbacksPerSecond"] as? Double ?? 0) > 0)
      let subscriber = try await Self.document(door, "/v1/subscribers/moderation")
      let activity = try #require(subscriber["recent"] as? [String: Any])
      #expect(activity["attempts"] as? Int == 40)
      #expect(activity["successRate"] as? Double == 0.75)
      #expect((activity["deliveredPerMinute"] as? [Int])?.count == 60)
      #expect((activity["deliveredPerMinute"] as? [Int])?.last == 30)
      // It is in the routes file, but was never delivered to.
      let idle = try await Self.document(door, "/v1/subscribers/archive")
      #expect(idle["recent"] == nil)
    }
  }

  private static func document(_ door: Door, _ path: String) async throws -> [String: Any] {
    let response = try await door.send("GET", path)
    return try #require(try JSONSerialization.jsonObject(with: Data(response.body.utf8)) as? [String: Any])
  }
}
