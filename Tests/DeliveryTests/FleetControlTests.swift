import GatewayCore
import Testing

@testable import Delivery

@Suite("Gateways that share a journal, as operators and their routes see them")
struct FleetControlTests {
  /// The first gateway works `a`, the second does not.
  private func two(_ fleet: FleetFixture, _ subscriber: Subscriber = .sample("a")) async throws
    -> (FleetFixture.Member, FleetFixture.Member)
  {
    let first = try await fleet.start([subscriber])
    try await fleet.moved(subscriber.name, to: first)
    let second = try await fleet.start([subscriber])
    try await eventually { await first.service.fleet().gateways == 2 }
    return (first, second)
  }

  @Test("run a lane where its subscriber is in the routes")
  func routes() async throws {
    try await FleetFixture.test { fleet in
      let first = try await fleet.start([.sample("a"), .sample("b")], fingerprint: "1")
      let second = try await fleet.start([.sample("b"), .sample("c")], fingerprint: "2")
      try await fleet.moved("a", to: first)
      try await fleet.moved("c", to: second)
      let accepted = try await fleet.accept(3)
      for name in ["a", "b", "c"] { try await fleet.delivered(accepted, to: name) }
      try await eventually { await first.service.fleet().fingerprints == 2 }
      try await second.apply([.sample("a"), .sample("b")], fingerprint: "1")
      try await eventually { await first.service.fleet().fingerprints == 1 }
      try await eventually { try await fleet.loads() == [first.name: 1, second.name: 1] }
    }
  }

  @Test("retire a lane only when none has its subscriber, and take that back")
  func retiring() async throws {
    try await FleetFixture.test { fleet in
      let (first, second) = try await two(fleet)
      try await first.apply([.sample("x")])
      try await fleet.moved("a", to: second)
      #expect(try await fleet.lane("a").forgetAt == nil)
      #expect(try await first.service.removedSubscribers().isEmpty)
      await #expect(throws: ControlError.self) { try await first.service.forget("a") }
      try await fleet.journal.retireLane(fleet.lane("a").id, forgetAt: fleet.clock.now)
      try await eventually { try await fleet.lane("a").forgetAt == nil }
      try await eventually { await second.service.fleet().gateways == 2 }
      try await second.apply([.sample("x")])
      try await eventually { try await fleet.lane("a").forgetAt != nil }
      try await eventually { try await first.service.removedSubscribers().map(\.name) == ["a"] }
      try await eventually { fleet.table.owner(of: "a") == nil }
    }
  }

  @Test("retire a lane that all have removed at the same time")
  func retiringTogether() async throws {
    try await FleetFixture.test { fleet in
      let (first, second) = try await two(fleet)
      async let one: Void = first.apply([.sample("x")])
      async let other: Void = second.apply([.sample("x")])
      _ = try await (one, other)
      try await eventually { try await fleet.lane("a").forgetAt != nil }
    }
  }

  @Test("keep the position of a subscriber that one of them cannot work")
  func misconfigured() async throws {
    try await FleetFixture.test { fleet in
      let (first, second) = try await two(fleet)
      try await first.apply([.sample("x")], misconfigured: ["a"])
      try await fleet.moved("a", to: second)
      try await second.apply([.sample("x")])
      try await eventually { fleet.table.owner(of: "a") == nil }
      #expect(try await fleet.lane("a").forgetAt == nil)
      let status = try await first.status("a")
      #expect(status.state == .misconfigured && status.isWorkedHere)
    }
  }

  @Test("show a subscriber's figures once")
  func status() async throws {
    try await FleetFixture.test { fleet in
      let (first, second) = try await two(fleet)
      fleet.transport.answer { _ in .held }
      try await fleet.accept(3)
      try await eventually { try await first.status("a").inFlight == 3 }
      let (own, others) = (try await first.status("a"), try await second.status("a"))
      #expect(own.isWorkedHere && !others.isWorkedHere)
      #expect(own.workedBy == first.name && others.workedBy == first.name)
      #expect(others.reason == "worked by gateway-0")
      try await eventually { try await second.status("a").backlogEvents == 3 }
      #expect(try await second.status("a").oldestUndelivered != nil)
      #expect(others.fingerprint == own.fingerprint)
    }
  }

  @Test("pause and resume what another works")
  func pausing() async throws {
    try await FleetFixture.test { fleet in
      let (first, second) = try await two(fleet)
      try await second.service.pause("a")
      #expect(try await first.status("a").state == .paused)
      #expect(try await fleet.lane("a").hold.pausedAt != nil)
      try await eventually { try await second.status("a").state == .paused }
      let accepted = try await fleet.accept(3)
      try await second.service.resume("a")
      try await fleet.delivered(accepted, to: "a")
      #expect(fleet.table.orders == 0)
      #expect(fleet.senders(to: "a") == [first.name])
    }
  }

  @Test("hand on why another does not do something")
  func refusal() async throws {
    try await FleetFixture.test { fleet in
      let (_, second) = try await two(fleet, .sample("a", paused: true))
      await #expect(throws: ControlError.conflict("a is paused in the routes file; take \"paused: true\" out there.")) {
        try await second.service.resume("a")
      }
      await #expect(throws: ControlError.self) { try await second.service.pause("nobody") }
    }
  }

  @Test("say so when nobody works what is asked of")
  func nobody() async throws {
    try await FleetFixture.test { fleet in
      let first = try await fleet.start([.sample("a")], duration: .milliseconds(500))
      try await fleet.moved("a", to: first)
      first.leases.cutOff(true)
      try await eventually { await first.service.fleet().lanesOwned == 0 }
      await #expect(throws: ControlError.conflict(DeliveryService.workedByNobody("a"))) {
        try await first.service.pause("a")
      }
    }
  }

  @Test("do an order once, although it is told of until it is answered")
  func once() async throws {
    try await FleetFixture.test { fleet in
      let (first, second) = try await two(fleet)
      fleet.transport.answer { _ in .status(422) }
      let accepted = try await fleet.accept(2)
      try await eventually { try await second.status("a").deadLetters == 2 }
      fleet.transport.answer { _ in .success }
      first.journal.hold(.settle)
      async let revived = second.service.replay(DeadLetterSelection(subscriber: "a"))
      try await eventually { first.journal.waiting(.settle) > 0 }
      #expect(fleet.table.orders == 1)
      try await Task.sleep(for: LeaseKeeper.Limit.interval * 3)
      first.journal.release(.settle)
      let action = try await revived
      #expect((action.deadLetters, action.events) == (2, 2))
      try await fleet.delivered(accepted, to: "a")
    }
  }

  @Test("discard what another has given up")
  func discarding() async throws {
    try await FleetFixture.test { fleet in
      let (first, second) = try await two(fleet)
      fleet.transport.answer { _ in .status(422) }
      try await fleet.accept(2)
      try await eventually { try await second.status("a").deadLetters == 2 }
      #expect(try await second.service.discard(DeadLetterSelection(subscriber: "a")).deadLetters == 2)
      #expect(try await first.service.deadLetters(DeadLetterQuery(selection: .init(), limit: 10)).deadLetters.isEmpty)
    }
  }

  @Test("start, pause, resume and cancel replays at any of them")
  func replays() async throws {
    try await FleetFixture.test { fleet in
      let (first, second) = try await two(fleet)
      let accepted = try await fleet.accept(5)
      try await fleet.delivered(accepted, to: "a")
      let request = ReplayRequest(subscriber: "a", from: Timestamp(milliseconds: 0))
      fleet.transport.answer { _ in .held }
      let replay = try await second.service.startReplay(request).replay.id
      try await eventually { fleet.transport.inFlight(at: "a") > 0 }
      #expect(try await second.service.pauseReplay(replay).replay.state == .paused)
      #expect(try await first.service.replay(replay).replay.state == .paused)
      #expect(try await second.service.resumeReplay(replay).replay.state == .running)
      fleet.transport.answer { _ in .success }
      fleet.transport.release()
      try await eventually { try await second.service.replay(replay).replay.state == .done }
      #expect(fleet.transport.delivered(to: "a").count == 10)
      #expect(fleet.senders(to: "a") == [first.name])
      fleet.transport.answer { _ in .held }
      let other = try await second.service.startReplay(request).replay.id
      #expect(try await second.service.cancelReplay(other).replay.state == .cancelled)
    }
  }

  @Test("go on with a replay where its subscriber's lane goes")
  func movingReplay() async throws {
    try await FleetFixture.test { fleet in
      let (first, second) = try await two(fleet)
      let accepted = try await fleet.accept(5)
      try await fleet.delivered(accepted, to: "a")
      try await first.service.pause("a")
      let replay = try await first.service.startReplay(
        ReplayRequest(subscriber: "a", from: Timestamp(milliseconds: 0))
      ).replay.id
      await first.stop()
      try await fleet.moved("a", to: second)
      #expect(try await second.service.replay(replay).replay.state == .running)
      try await second.service.resume("a")
      try await eventually { try await second.service.replay(replay).replay.state == .done }
      #expect(fleet.senders(to: "a") == [first.name, second.name])
      #expect(fleet.table.stale == 0)
    }
  }

  @Test("have one of them trim the journal, and forget nothing that another serves")
  func retention() async throws {
    try await FleetFixture.test { fleet in
      let (first, second) = try await two(fleet)
      try await eventually { await second.service.fleet().gateways == 2 }
      #expect(await first.service.keepsJournal)
      #expect(await !second.service.keepsJournal)
      let lane = try await fleet.lane("a")
      try await second.apply([.sample("x")])
      try await first.apply([.sample("x")])
      try await eventually { try await fleet.lane("a").forgetAt != nil }
      fleet.clock.advance(by: .seconds(8 * 86_400))
      _ = try await fleet.retention(second).round()
      #expect(try await fleet.journal.lanes().contains { $0.id == lane.id })
      _ = try await fleet.retention(first).round()
      #expect(try await !fleet.journal.lanes().contains { $0.id == lane.id })
      await first.stop()
      try await eventually { await second.service.keepsJournal }
    }
  }

  @Test("have the owner give up what is in the way of others")
  func space() async throws {
    try await FleetFixture.test { fleet in
      let first = try await fleet.start([.sample("x")])
      let second = try await fleet.start([.sample("x"), .sample("a", paused: true)])
      try await fleet.moved("a", to: second)
      try await fleet.accept(60, Callback(padding: 20_000))
      let retention = fleet.retention(first, maximumSize: 500_000)
      try await eventually {
        _ = try await retention.round()
        return try await fleet.lane("a").cursor > .first
      }
      let ended = try await fleet.journal.deadLetters(of: fleet.lane("a").id, from: .first, limit: 10)
      #expect(ended.map(\.state) == [.expired])
      #expect(fleet.table.stale == 0)
      try await eventually { try await second.status("a").expired > 0 }
    }
  }
}
