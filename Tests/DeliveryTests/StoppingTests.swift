import Delivery
import GatewayCore
import Testing

@Suite("Stopping")
struct StoppingTests {
  @Test("waits for attempts in flight and records how they ended")
  func drains() async throws {
    try await DeliveryFixture.test { fixture in
      let subscriber = Subscriber.sample("a", concurrency: 4, retry: .slow)
      fixture.transport.answer { _ in .held }
      try await fixture.apply([subscriber])
      let accepted = try await fixture.accept(.blocklist(pairs: 10))
      try await eventually { fixture.transport.inFlight(at: "a") == 4 }
      let service = fixture.service
      async let stopped: Void = service.stop(drain: .seconds(20))
      fixture.transport.answer { _ in .success }
      fixture.transport.release { !$0.event.hasSuffix("-2") }
      fixture.transport.release(with: .status(500))
      await stopped
      #expect(fixture.transport.attempts(at: "a").count <= 10)
      let sent = fixture.transport.attempts(at: "a").count
      #expect(try await fixture.lane("a").cursor == accepted.first + sent)
      #expect(try await fixture.retrying("a").map(\.attempts) == [1])
      try await fixture.restart([subscriber])
      fixture.clock.advance(by: .seconds(100))
      try await fixture.delivered([accepted], to: "a")
      #expect(fixture.transport.attempts(at: "a").count == 11)
    }
  }

  @Test("leaves attempts that do not end in time, and the next start repeats them")
  func abandons() async throws {
    try await DeliveryFixture.test { fixture in
      let subscriber = Subscriber.sample("a", concurrency: 3)
      fixture.transport.answer { _ in .held }
      try await fixture.apply([subscriber])
      let accepted = try await fixture.accept(.blocklist(pairs: 10))
      try await eventually { fixture.transport.inFlight(at: "a") == 3 }
      await fixture.stop(drain: .milliseconds(50))
      fixture.transport.answer { _ in .success }
      try await fixture.start([subscriber])
      try await fixture.delivered([accepted], to: "a")
      #expect(fixture.transport.attempts(at: "a").count == 13)
      // Answers that come too late are nobody's.
      #expect(fixture.transport.release(with: .status(500)) == 3)
      try await fixture.settled("a")
    }
  }

  @Test("leaves a retry that does not end in time, and the next start repeats it with the same number")
  func abandonsRetries() async throws {
    try await DeliveryFixture.test { fixture in
      let subscriber = Subscriber.sample("a")
      fixture.transport.answer { $0.number == 1 ? .status(500) : .held }
      try await fixture.apply([subscriber])
      let accepted = try await fixture.accept(.blocklist(pairs: 3))
      try await eventually { fixture.transport.attempts(at: "a").count { $0.number == 2 } == 3 }
      await fixture.stop(drain: .zero)
      fixture.transport.answer { _ in .success }
      try await fixture.start([subscriber])
      try await fixture.delivered([accepted], to: "a")
      #expect(fixture.transport.attempts(at: "a").map(\.number).sorted() == [1, 1, 1, 2, 2, 2, 2, 2, 2])
    }
  }

  @Test("in the middle of a stream loses nothing and repeats nothing")
  func inTheMiddle() async throws {
    try await DeliveryFixture.test { fixture in
      let subscribers = [Subscriber.sample("a", concurrency: 8), .sample("b", concurrency: 64)]
      try await fixture.apply(subscribers)
      fixture.transport.answer { $0.event.hasSuffix("5") && $0.number < 3 ? .status(500) : .success }
      var accepted: [Accepted] = []
      for _ in 0..<4 {
        accepted += try await fixture.accept(20, .blocklist(pairs: 25))
        try await fixture.restart(subscribers)
      }
      try await fixture.delivered(accepted, to: "a")
      try await fixture.delivered(accepted, to: "b")
    }
  }

  @Test("loses nothing when it is cut short in the middle of a stream")
  func cutShort() async throws {
    try await DeliveryFixture.test { fixture in
      let subscribers = [Subscriber.sample("a", concurrency: 8)]
      try await fixture.apply(subscribers)
      fixture.transport.answer { $0.event.hasSuffix("5") && $0.number < 3 ? .status(500) : .success }
      var accepted: [Accepted] = []
      for _ in 0..<4 {
        accepted += try await fixture.accept(20, .blocklist(pairs: 25))
        await fixture.stop(drain: .zero)
        try await fixture.start(subscribers)
      }
      try await fixture.settled("a")
      #expect(Set(fixture.transport.delivered(to: "a")) == Set(accepted.flatMap(\.events)))
    }
  }

  @Test("ends although routes are being put in force, which then start nothing")
  func whileRoutesChange() async throws {
    try await DeliveryFixture.test { fixture in
      fixture.transport.answer { _ in .held }
      try await fixture.apply([.sample("a")])
      try await fixture.accept()
      try await eventually { fixture.transport.inFlight(at: "a") == 1 }
      let routes = Routes.sample([.sample("a")] + (0..<200).map { .sample("s\($0)") })
      let service = fixture.service
      let applied = Task { try await service.apply(routes) }
      try await eventually { try await fixture.journal.lanes().count > 1 }
      let stopped = Task { await service.stop(drain: .seconds(20)) }
      try await applied.value
      fixture.transport.release()
      await stopped.value
      try await eventually("no lane is left") { fixture.hasEnded }
      #expect(try await service.statuses().count == 1)
    }
  }
}
