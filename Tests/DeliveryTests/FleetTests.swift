import GatewayCore
import Testing

@testable import Delivery

@Suite("Gateways that share a journal")
struct FleetTests {
  private static let six = ["a", "b", "c", "d", "e", "f"].map { Subscriber.sample($0) }

  @Test("spread the lanes, and deliver each event once")
  func spread() async throws {
    try await FleetFixture.test { fleet in
      let first = try await fleet.start(Self.six)
      try await eventually { try await fleet.loads() == [first.name: 6] }
      var accepted = try await fleet.accept(5, .blocklist(pairs: 3))
      let second = try await fleet.start(Self.six)
      accepted += try await fleet.accept(20, .blocklist(pairs: 3))
      try await eventually { try await fleet.loads() == [first.name: 3, second.name: 3] }
      accepted += try await fleet.accept(5, .blocklist(pairs: 3))
      for subscriber in Self.six { try await fleet.delivered(accepted, to: subscriber.name) }
      #expect(await second.service.fleet() == GatewayFleet(gateways: 2, fingerprints: 1, lanesOwned: 3))
    }
  }

  @Test("take up what one that stops lets go of, and repeat nothing")
  func stop() async throws {
    try await FleetFixture.test { fleet in
      let (first, second) = (try await fleet.start(Self.six), try await fleet.start(Self.six))
      try await eventually { try await fleet.loads() == [first.name: 3, second.name: 3] }
      var accepted = try await fleet.accept(30)
      await first.stop()
      accepted += try await fleet.accept(5)
      try await eventually { try await fleet.loads()[second.name] == 6 }
      for subscriber in Self.six { try await fleet.delivered(accepted, to: subscriber.name) }
      #expect(fleet.table.stale == 0)
    }
  }

  @Test("take up the lanes of one that stops before its last attempt has ended")
  func draining() async throws {
    try await FleetFixture.test { fleet in
      let routes = [Subscriber.sample("a"), .sample("b")]
      let first = try await fleet.start(routes)
      try await eventually { try await fleet.loads() == [first.name: 2] }
      fleet.transport.answer { $0.subscriber == "a" ? .held : .success }
      let accepted = try await fleet.accept()
      try await eventually { fleet.transport.inFlight(at: "a") == 1 }
      let stopping = Task { await first.stop(drain: .seconds(60)) }
      let second = try await fleet.start(routes)
      try await fleet.moved("b", to: second)
      #expect(fleet.table.owner(of: "a") == first.leases.gateway)
      fleet.transport.answer { _ in .success }
      fleet.transport.release()
      try await fleet.moved("a", to: second)
      await stopping.value
      try await fleet.delivered(accepted, to: "a")
    }
  }

  @Test("take up what one has whose lease has run out; it settles nothing more, and what it has in flight is cut")
  func lapse() async throws {
    try await FleetFixture.test { fleet in
      let routes = [Subscriber.sample("a", concurrency: 4)]
      let first = try await fleet.start(routes, duration: .milliseconds(500))
      try await fleet.moved("a", to: first)
      fleet.transport.answer { _ in .held }
      let accepted = try await fleet.accept(6)
      try await eventually { fleet.transport.inFlight(at: "a") == 4 }
      let second = try await fleet.start(routes, duration: .milliseconds(500))
      first.leases.cutOff(true)
      try await eventually { fleet.transport.cut == 4 }
      #expect(fleet.table.stale == 0)
      fleet.transport.answer { $0["user-agent"] == "Switchyard/gateway-1" ? .success : .held }
      try await fleet.moved("a", to: second)
      try await fleet.delivered(accepted, to: "a")
      #expect(fleet.transport.attempts(at: "a").count == 10)
      #expect(await first.service.fleet().lanesOwned == 0)
      first.leases.cutOff(false)
      try await eventually { await second.service.fleet().gateways == 2 }
      #expect(fleet.transport.attempts(at: "a").count == 10)
    }
  }

  @Test("settle nothing under an epoch that is over, and repeat at most what was in flight")
  func stale() async throws {
    try await FleetFixture.test { fleet in
      let routes = [Subscriber.sample("a")]
      let first = try await fleet.start(routes, duration: .milliseconds(500))
      try await fleet.moved("a", to: first)
      var accepted = try await fleet.accept(3)
      try await fleet.delivered(accepted, to: "a")
      let before = try await fleet.lane("a").cursor
      first.journal.hold(.settle)
      accepted += try await fleet.accept()
      try await eventually { first.journal.waiting(.settle) == 1 }
      let second = try await fleet.start(routes, duration: .milliseconds(500))
      fleet.transport.answer { _ in .held }
      first.leases.cutOff(true)
      try await fleet.moved("a", to: second)
      try await eventually { fleet.transport.attempts(at: "a").count == 5 }
      first.journal.release(.settle)
      try await eventually { fleet.table.stale == 1 }
      #expect(try await fleet.lane("a").cursor == before)
      fleet.transport.answer { _ in .success }
      fleet.transport.release()
      try await fleet.settled("a")
      #expect(fleet.transport.delivered(to: "a").count == 5)
    }
  }

  @Test("get a lane back after a lapse in which nobody else had it")
  func alone() async throws {
    try await FleetFixture.test { fleet in
      let first = try await fleet.start([.sample("a")], duration: .milliseconds(500))
      try await fleet.moved("a", to: first)
      first.leases.cutOff(true)
      try await eventually { await first.service.fleet().lanesOwned == 0 }
      let accepted = try await fleet.accept(3)
      first.leases.cutOff(false)
      try await fleet.moved("a", to: first)
      try await fleet.delivered(accepted, to: "a")
    }
  }

  @Test("cut what holds up a move, and repeat it elsewhere")
  func holdUp() async throws {
    try await FleetFixture.test { fleet in
      let routes = [Subscriber.sample("a"), .sample("b")]
      let first = try await fleet.start(routes)
      try await eventually { try await fleet.loads() == [first.name: 2] }
      fleet.transport.answer { $0["user-agent"] == "Switchyard/gateway-0" ? .held : .success }
      let accepted = try await fleet.accept()
      try await eventually { fleet.transport.inFlight(at: "a") + fleet.transport.inFlight(at: "b") == 2 }
      let second = try await fleet.start(routes)
      try await eventually { try await fleet.loads() == [first.name: 1, second.name: 1] }
      #expect(fleet.transport.cut == 1)
      fleet.transport.release()
      for name in ["a", "b"] { try await fleet.delivered(accepted, to: name) }
    }
  }

  @Test("keep the order of keys while lanes move")
  func order() async throws {
    try await FleetFixture.test { fleet in
      let routes = ["a", "b"].map { Subscriber.sample($0).with(\.ordering, .key) }
      let first = try await fleet.start(routes)
      fleet.transport.answer { attempt in
        // Some fail at first, so that events are parked behind them when the lane moves.
        attempt.number == 1 && attempt.event.utf8.last.map { $0 % 3 == 0 } == true ? .status(500) : .success
      }
      var accepted = try await fleet.accept(30, .blocklist(pairs: 4))
      let second = try await fleet.start(routes)
      accepted += try await fleet.accept(30, .blocklist(pairs: 4))
      try await eventually { try await fleet.loads() == [first.name: 1, second.name: 1] }
      accepted += try await fleet.accept(30, .blocklist(pairs: 4))
      await first.stop()
      accepted += try await fleet.accept(10, .blocklist(pairs: 4))
      for name in ["a", "b"] {
        try await fleet.delivered(accepted, to: name)
        let delivered = fleet.transport.delivered(to: name)
        for key in 0..<4 { #expect(delivered.filter { $0.hasSuffix("-\(key)") } == accepted.map { $0.events[key] }) }
      }
      #expect(fleet.senders(to: "a").union(fleet.senders(to: "b")) == [first.name, second.name])
    }
  }

  @Test("go on with a pause and with dead letters where others have left them")
  func holds() async throws {
    try await FleetFixture.test { fleet in
      let routes = [Subscriber.sample("a")]
      let first = try await fleet.start(routes)
      try await fleet.moved("a", to: first)
      try await first.service.pause("a")
      try await fleet.accept(3)
      await first.stop()
      let second = try await fleet.start(routes)
      try await fleet.moved("a", to: second)
      #expect(try await second.status("a").state == .paused)
      #expect(fleet.transport.attempts(at: "a").isEmpty)
      try await second.service.resume("a")
      try await fleet.settled("a")
      #expect(fleet.transport.delivered(to: "a").count == 3)
    }
  }

  @Test("begin without a token, so that a rate limit is not exceeded by a move")
  func rateLimit() async throws {
    try await FleetFixture.test { fleet in
      fleet.clock.stop()
      let routes = [Subscriber.sample("a").with(\.rateLimit, RateLimit(count: 60, period: .seconds(60)))]
      let first = try await fleet.start(routes)
      try await fleet.moved("a", to: first)
      try await fleet.accept(10)
      fleet.clock.advance(by: .seconds(1))
      try await eventually { fleet.transport.attempts(at: "a").count == 1 }
      await first.stop()
      let second = try await fleet.start(routes)
      try await fleet.moved("a", to: second)
      try await Task.sleep(for: .milliseconds(100))
      #expect(fleet.transport.attempts(at: "a").count == 1)
      fleet.clock.advance(by: .seconds(1))
      try await eventually { fleet.transport.attempts(at: "a").count == 2 }
    }
  }
}
