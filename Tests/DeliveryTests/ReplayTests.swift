import GatewayCore
import Testing

@testable import Delivery

@Suite("Replays")
struct ReplayTests {
  /// Everything that has been delivered to `a`.
  private static let everything = ReplayRequest(subscriber: "a", from: Timestamp(milliseconds: 0))

  private func delivered(_ fixture: DeliveryFixture, _ count: Int = 100, _ subscriber: Subscriber = .sample("a"))
    async throws -> [Accepted]
  {
    try await fixture.apply([subscriber])
    let accepted = try await fixture.accept(count)
    try await fixture.delivered(accepted, to: "a")
    try await fixture.settled("a")
    return accepted
  }

  @Test("keep their history from being trimmed for its age, until they have sent it")
  func history() async throws {
    try await DeliveryFixture.test { fixture in
      _ = try await delivered(fixture)
      let replay = try await fixture.service.startReplay(Self.everything).replay.id
      _ = try await fixture.service.pauseReplay(replay)
      fixture.clock.advance(by: .seconds(5000))
      let retention = fixture.retention(retain: .seconds(1000))
      _ = try await retention.round()
      let kept = try await fixture.batches()
      #expect(kept > 0)
      _ = try await fixture.service.resumeReplay(replay)
      try await eventually { try await fixture.service.replay(replay).replay.state == .done }
      _ = try await retention.round()
      #expect(try await fixture.batches() == 0)
    }
  }

  @Test("give way where room is short: their history goes before anything undelivered")
  func space() async throws {
    try await DeliveryFixture.test { fixture in
      try await fixture.apply([.sample("a")])
      _ = try await fixture.accept(100, Callback(padding: 20_000))
      try await fixture.settled("a")
      let replay = try await fixture.service.startReplay(Self.everything).replay.id
      _ = try await fixture.service.pauseReplay(replay)
      let retention = fixture.retention(maximumSize: 500_000)
      while try await retention.round() {}
      #expect(try await fixture.batches() < 50)
      #expect(try await fixture.ended("a").isEmpty)
      _ = try await fixture.service.resumeReplay(replay)
      try await eventually { try await fixture.service.replay(replay).replay.state == .done }
      #expect(try await fixture.service.replay(replay).doneEvents == 100)
    }
  }

  @Test("go on after a restart where they were, and end")
  func restart() async throws {
    try await DeliveryFixture.test { fixture in
      let accepted = try await delivered(fixture)
      let replay = try await fixture.service.startReplay(
        ReplayRequest(
          subscriber: "a", from: Timestamp(milliseconds: 0), rateLimit: RateLimit(count: 20, period: .seconds(1)))
      ).replay.id
      try await eventually { try await fixture.service.replay(replay).doneEvents > 0 }
      try await fixture.restart([.sample("a")])
      #expect(try await fixture.service.replay(replay).replay.state == .running)
      for _ in 0..<100 where try await fixture.service.replay(replay).replay.state != .done {
        fixture.clock.advance(by: .milliseconds(500))
        try await Task.sleep(for: .milliseconds(20))
      }
      #expect(try await fixture.service.replay(replay).replay.state == .done)
      let sent = fixture.transport.delivered(to: "a")
      for event in accepted.flatMap(\.events) { #expect(sent.count { $0 == event } >= 2) }
    }
  }

  @Test("wait while their subscriber is removed, and go when it is forgotten")
  func removal() async throws {
    try await DeliveryFixture.test { fixture in
      _ = try await delivered(fixture)
      let replay = try await fixture.service.startReplay(Self.everything).replay.id
      _ = try await fixture.service.pauseReplay(replay)
      try await fixture.apply([.sample("b")])
      _ = try await fixture.service.resumeReplay(replay)
      #expect(try await fixture.service.replay(replay).reason?.contains("not served") == true)
      try await eventually {
        do throws(ControlError) {
          try await fixture.service.forget("a")
          return true
        } catch {
          return false
        }
      }
      #expect(try await fixture.service.replays(of: nil).isEmpty)
      #expect(try await fixture.journal.lanes().map(\.subscriber) == ["b"])
    }
  }

  @Test("go with a subscriber whose time to be remembered is over")
  func forgotten() async throws {
    try await DeliveryFixture.test { fixture in
      _ = try await delivered(fixture)
      let replay = try await fixture.service.startReplay(Self.everything).replay.id
      _ = try await fixture.service.pauseReplay(replay)
      try await fixture.apply([.sample("b")])
      try await fixture.settled("b")
      fixture.clock.advance(by: .seconds(8 * 86_400))
      _ = try await fixture.retention(retain: .seconds(1)).round()
      #expect(try await fixture.service.replays(of: nil).isEmpty)
      #expect(try await fixture.journal.lanes().map(\.subscriber) == ["b"])
      _ = try await fixture.retention(retain: .seconds(1)).round()
      #expect(try await fixture.batches() == 0)
    }
  }

  @Test("keep the order of their keys among themselves")
  func order() async throws {
    try await DeliveryFixture.test { fixture in
      let subscriber = Subscriber.sample("a").with(\.ordering, .key)
      try await fixture.apply([subscriber])
      let accepted = try await fixture.accept(40, .blocklist(pairs: 3))
      try await fixture.settled("a")
      let before = fixture.transport.delivered(to: "a").count
      let replay = try await fixture.service.startReplay(Self.everything).replay.id
      try await eventually { try await fixture.service.replay(replay).replay.state == .done }
      let again = fixture.transport.delivered(to: "a").dropFirst(before)
      for key in 0..<3 {
        #expect(again.filter { $0.hasSuffix("-\(key)") } == accepted.map { $0.events[key] })
      }
    }
  }

  @Test("are no more at a time than may be")
  func bounded() async throws {
    try await DeliveryFixture.test { fixture in
      _ = try await delivered(fixture, 3)
      try await fixture.service.pause("a")
      for _ in 0..<100 { _ = try await fixture.service.startReplay(Self.everything) }
      await #expect(throws: ControlError.self) { try await fixture.service.startReplay(Self.everything) }
    }
  }
}
