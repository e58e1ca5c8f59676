import GatewayCore
import Testing

@testable import Delivery

/// The journal has a limit of 1 MiB, and callbacks of about 10 KiB come.
@Suite("The space rule")
struct SpaceTests {
  private static let limit = 1 << 20
  private static let callback = Callback(pairs: 2, padding: 10_000)

  @Test("takes delivered history first, and nothing else if that is enough")
  func historyFirst() async throws {
    try await DeliveryFixture.test { fixture in
      let paused = Subscriber.sample("slow", paused: true)
      try await fixture.apply([.sample("a")])
      let accepted = try await fixture.accept(200, Self.callback)
      try await fixture.delivered(accepted, to: "a")
      try await fixture.apply([.sample("a"), paused])
      let waiting = try await fixture.accept(20, Self.callback)
      try await fixture.delivered(accepted + waiting, to: "a")
      #expect(try await fixture.journal.space().used > Self.limit)
      let retention = fixture.retention(maximumSize: Self.limit)
      #expect(try await !retention.round())
      #expect(try await fixture.journal.space().used <= Self.limit)
      #expect(try await fixture.batches() >= 20)
      #expect(try await fixture.ended("slow").isEmpty)
      try await fixture.apply([.sample("a"), paused.with(\.paused, false)])
      try await fixture.delivered(waiting, to: "slow")
    }
  }

  @Test("takes all the delivered history there is before it gives anything up")
  func muchHistory() async throws {
    try await DeliveryFixture.test { fixture in
      try await fixture.fill(RetentionService.Limit.chunks * RetentionService.Limit.chunk + 1500)
      try await fixture.apply([.sample("slow", paused: true)])
      try await fixture.accept(10)
      let retention = fixture.retention(maximumSize: 100_000)
      _ = try await retention.round()
      #expect(try await fixture.batches() > 10)
      #expect(try await fixture.status("slow").backlogEvents == 10)
      try await eventually { try await !retention.round() }
      #expect(try await fixture.ended("slow").isEmpty)
    }
  }

  @Test("then gives up the oldest events of the subscriber furthest behind, and no other's")
  func furthestBehind() async throws {
    try await DeliveryFixture.test { fixture in
      let failing = Subscriber.sample("failing", retry: .slow)
      let slow = Subscriber.sample("slow", paused: true)
      fixture.transport.answer { $0.subscriber == "failing" ? .status(500) : .success }
      try await fixture.apply([failing, .sample("well")])
      let accepted = try await fixture.accept(200, Self.callback)
      try await fixture.delivered(accepted, to: "well")
      try await eventually { try await fixture.retrying("failing").count == 400 }
      try await fixture.apply([failing, .sample("well"), slow])
      let later = try await fixture.accept(20, Self.callback)
      try await fixture.delivered(accepted + later, to: "well")
      let retention = fixture.retention(maximumSize: Self.limit)
      try await shrink(fixture, retention)
      let expired = try await fixture.ended("failing")
      #expect(!expired.isEmpty)
      #expect(expired.allSatisfy { $0.state == .expired })
      let given = expired.reduce(0) { $0 + $1.eventCount }
      #expect(given >= 200 && given < 440)
      #expect(expired[0].first == accepted[0].first)
      let status = try await fixture.status("failing")
      #expect(status.expired == given)
      #expect(fixture.metrics[#"switchyard_deliveries_total{subscriber="failing",result="expired"}"#] == Int64(given))
      try await eventually { try await fixture.retrying("failing").count == 440 - given }
      #expect(try await fixture.ended("slow").isEmpty)
      #expect(try await fixture.ended("well").isEmpty)
      fixture.transport.answer { _ in .success }
      fixture.clock.advance(by: .seconds(200))
      try await eventually { fixture.transport.delivered(to: "failing").count == 440 - given }
      try await fixture.settled("failing")
      try await fixture.apply([failing, .sample("well"), slow.with(\.paused, false)])
      try await fixture.delivered(later, to: "slow")
    }
  }

  @Test("costs a subscriber with an old retry nothing while another can give")
  func oldRetry() async throws {
    try await DeliveryFixture.test { fixture in
      let well = Subscriber.sample("well", retry: .slow)
      let slow = Subscriber.sample("slow", paused: true)
      try await fixture.apply([well, slow])
      fixture.transport.answer { _ in .status(500) }
      let oldest = try await fixture.accept(1, Self.callback)
      try await eventually { try await fixture.retrying("well").count == 2 }
      fixture.transport.answer { _ in .success }
      let later = try await fixture.accept(200, Self.callback)
      try await eventually { fixture.transport.delivered(to: "well").count == 400 }
      try await eventually { try await fixture.lane("well").cursor == fixture.journal.head.next }
      try await shrink(fixture, fixture.retention(maximumSize: Self.limit))
      #expect(try await fixture.ended("slow").reduce(0) { $0 + $1.eventCount } > 200)
      #expect(try await fixture.ended("well").isEmpty)
      fixture.clock.advance(by: .seconds(200))
      try await fixture.delivered(oldest + later, to: "well")
    }
  }

  @Test("gives up what waits behind a failing event of its key, and the key goes on")
  func parked() async throws {
    try await DeliveryFixture.test { fixture in
      var failing = Subscriber.sample("failing", retry: .slow)
      failing.ordering = .key
      fixture.transport.answer { $0.subscriber == "failing" ? .status(500) : .success }
      try await fixture.apply([failing, .sample("well")])
      let accepted = try await fixture.accept(200, Self.callback)
      try await fixture.delivered(accepted, to: "well")
      try await eventually { try await fixture.lane("failing").cursor == fixture.journal.head.next }
      try await shrink(fixture, fixture.retention(maximumSize: Self.limit))
      let given = try await fixture.ended("failing").reduce(0) { $0 + $1.eventCount }
      #expect(given > 0 && given < 400)
      #expect(try await fixture.status("failing").expired == given)
      #expect(try await fixture.status("failing").backlogEvents == 400 - given)
      fixture.transport.answer { _ in .success }
      fixture.clock.advance(by: .seconds(200))
      try await fixture.settled("failing")
      try await eventually { fixture.transport.delivered(to: "failing").count == 400 - given }
    }
  }

  @Test("gives up what a lane has not read yet")
  func unread() async throws {
    try await DeliveryFixture.test { fixture in
      let slow = Subscriber.sample("slow", paused: true)
      try await fixture.apply([slow, .sample("well")])
      let accepted = try await fixture.accept(200, Self.callback)
      try await fixture.delivered(accepted, to: "well")
      try await shrink(fixture, fixture.retention(maximumSize: Self.limit))
      let expired = try await fixture.ended("slow")
      #expect(expired.count == 1, "it is one range")
      let given = expired.reduce(0) { $0 + $1.eventCount }
      #expect(given > 0 && given < 400)
      #expect(try await fixture.status("slow").backlogEvents == 400 - given)
      try await fixture.apply([slow.with(\.paused, false), .sample("well")])
      try await fixture.settled("slow")
      let delivered = Set(fixture.transport.delivered(to: "slow"))
      #expect(delivered == Set(accepted.flatMap(\.events).suffix(400 - given)))
    }
  }

  @Test("leaves attempts under way to end")
  func underWay() async throws {
    try await DeliveryFixture.test { fixture in
      fixture.transport.answer { $0.subscriber == "stuck" ? .held : .success }
      try await fixture.apply([.sample("stuck", concurrency: 5), .sample("well")])
      let accepted = try await fixture.accept(200, Self.callback)
      try await fixture.delivered(accepted, to: "well")
      try await eventually { fixture.transport.inFlight(at: "stuck") == 5 }
      let retention = fixture.retention(maximumSize: Self.limit)
      try await shrink(fixture, retention)
      #expect(!(try await fixture.ended("stuck").isEmpty))
      fixture.transport.answer { _ in .success }
      fixture.transport.release()
      try await fixture.settled("stuck")
      let given = try await fixture.ended("stuck").reduce(0) { $0 + $1.eventCount }
      let delivered = fixture.transport.delivered(to: "stuck")
      #expect(Set(delivered).count == delivered.count)
      #expect(delivered.count == 400 - given)
      #expect(Set(delivered).isSuperset(of: accepted.flatMap(\.events).prefix(5)))
    }
  }

  @Test("gives up dead letters with the rest, and counts them as dead only")
  func deadLetters() async throws {
    try await DeliveryFixture.test { fixture in
      fixture.transport.answer { _ in .status(422) }
      try await fixture.apply([.sample("a")])
      try await fixture.accept(200, Self.callback)
      try await eventually { try await fixture.ended("a").count == 400 }
      try await shrink(fixture, fixture.retention(maximumSize: Self.limit))
      let left = try await fixture.ended("a")
      #expect(left.count < 400 && !left.isEmpty)
      #expect(left.allSatisfy { $0.state == .dead })
      #expect(try await fixture.status("a").expired == 0)
      #expect(try await fixture.status("a").dead == 400)
      try await eventually {
        fixture.clock.advance(by: .milliseconds(100))
        return try await fixture.status("a").deadLetters == left.count
      }
    }
  }

  @Test("gives up what a removed subscriber has not had")
  func removed() async throws {
    try await DeliveryFixture.test { fixture in
      let gone = Subscriber.sample("gone", paused: true)
      try await fixture.apply([gone, .sample("well")])
      try await fixture.apply([.sample("well")])
      let accepted = try await fixture.accept(200, Self.callback)
      try await fixture.delivered(accepted, to: "well")
      try await shrink(fixture, fixture.retention(maximumSize: Self.limit))
      let given = try await fixture.ended("gone").reduce(0) { $0 + $1.eventCount }
      #expect(given > 0 && given < 400)
      try await fixture.apply([gone.with(\.paused, false), .sample("well")])
      try await fixture.settled("gone")
      #expect(
        fixture.transport.delivered(to: "gone").sorted() == accepted.flatMap(\.events).suffix(400 - given).sorted())
    }
  }

  @Test("gives up what a removed subscriber would still be sent again")
  func removedWithExceptions() async throws {
    try await DeliveryFixture.test { fixture in
      let gone = Subscriber.sample("gone", retry: .slow)
      fixture.transport.answer { $0.subscriber == "gone" ? .status(500) : .success }
      try await fixture.apply([gone, .sample("well")])
      let accepted = try await fixture.accept(200, Self.callback)
      try await fixture.delivered(accepted, to: "well")
      try await eventually { try await fixture.retrying("gone").count == 400 }
      try await fixture.apply([.sample("well")])
      try await shrink(fixture, fixture.retention(maximumSize: Self.limit))
      let given = try await fixture.ended("gone").reduce(0) { $0 + $1.eventCount }
      #expect(given > 0 && given < 400)
      #expect(try await fixture.retrying("gone").count == 400 - given)
      #expect(try await fixture.lane("gone").cursor == fixture.journal.head.next)
    }
  }

  @Test("leaves callbacks to be refused when there is nothing to give up")
  func nothingLeft() async throws {
    try await DeliveryFixture.test { fixture in
      try await fixture.apply([.sample("a")])
      try await fixture.delivered(try await fixture.accept(5), to: "a")
      let retention = fixture.retention(maximumSize: 1)
      #expect(try await !retention.round())
      #expect(try await fixture.batches() == 0)
    }
  }

  /// Looks after the journal until it is within its limit and what was given up is recorded.
  private func shrink(_ fixture: DeliveryFixture, _ retention: RetentionService) async throws {
    try await eventually("the journal is within its limit") {
      try await !retention.round()
    }
    #expect(try await fixture.journal.space().used <= Self.limit)
  }
}
