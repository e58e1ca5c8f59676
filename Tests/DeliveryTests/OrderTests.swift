import GatewayCore
import Synchronization
import Testing

@Suite("Deliveries in order")
struct OrderTests {
  /// Refuses some events so many times, and notes the order in which events first arrive.
  private final class Receiver: Sendable {
    private struct State {
      var first: [String] = []
      var seen: [String: Int] = [:]
    }
    private let state = Mutex(State())

    func answer(_ attempt: Attempt, failing failures: @Sendable (String) -> Int) -> ScriptedTransport.Reply {
      let seen = state.withLock { state in
        if state.seen[attempt.event] == nil { state.first.append(attempt.event) }
        state.seen[attempt.event, default: 0] += 1
        return state.seen[attempt.event] ?? 0
      }
      return seen <= failures(attempt.event) ? .status(500) : .success
    }

    var arrivals: [String] { state.withLock(\.first) }
  }

  /// Each callback has the same pairs: the events of one key are those with the same index.
  private static let pairs = 5

  private func check(_ arrivals: [String], _ accepted: [Accepted]) {
    for index in 0..<Self.pairs {
      let expected = accepted.map { $0.events[index] }
      #expect(arrivals.filter(Set(expected).contains) == expected, "the events of pair \(index)")
    }
    #expect(arrivals.count == accepted.count * Self.pairs)
  }

  @Test("arrive first as they were accepted, key by key, whatever fails and however often the gateway restarts")
  func order() async throws {
    try await DeliveryFixture.test { fixture in
      let receiver = Receiver()
      // Some fail a few times, and those of one key often.
      fixture.transport.answer { attempt in
        receiver.answer(attempt) { $0.hasSuffix("-1") ? 1 : $0.utf8.reduce(0) { $0 + Int($1) } % 9 == 0 ? 1 : 0 }
      }
      let subscriber = Subscriber.sample("a").with(\.ordering, .key)
      try await fixture.apply([subscriber])
      var accepted: [Accepted] = []
      for round in 0..<6 {
        accepted += try await fixture.accept(40, .blocklist(pairs: Self.pairs))
        if round % 2 == 0 {
          await fixture.stop(drain: .zero)
          try await fixture.start([subscriber])
        } else {
          try await fixture.apply([subscriber.with(\.concurrency, 2 + round)])
        }
      }
      try await eventually("all has arrived") {
        fixture.clock.advance(by: .milliseconds(50))
        return Set(fixture.transport.delivered(to: "a")).isSuperset(of: accepted.flatMap(\.events))
      }
      try await fixture.settled("a")
      check(receiver.arrivals, accepted)
      #expect(try await fixture.status("a").backlogEvents == 0)
    }
  }

  @Test("of one key wait behind one that fails, as one row, and those of others do not")
  func parked() async throws {
    try await DeliveryFixture.test { fixture in
      fixture.transport.answer { $0.event.hasSuffix("-1") ? .status(500) : .success }
      let subscriber = Subscriber.sample("a", retry: .slow).with(\.ordering, .key)
      try await fixture.apply([subscriber])
      let accepted = try await fixture.accept(100, .blocklist(pairs: Self.pairs))
      let head = fixture.journal.head.next
      try await eventually("the cursor passes what waits") { try await fixture.lane("a").cursor == head }
      try await eventually("the others are there") {
        fixture.transport.delivered(to: "a").count == 100 * (Self.pairs - 1)
      }
      let lane = try await fixture.lane("a").id
      try await eventually("what waits is recorded") {
        let keyed = try await fixture.journal.keyedExceptions(of: lane)
        return keyed.reduce(0) { $0 + $1.eventCount } == 100
      }
      let keyed = try await fixture.journal.keyedExceptions(of: lane)
      #expect(keyed.count { $0.state == .retrying } == 1)
      #expect(keyed.count <= 3)
      try await eventually { try await fixture.status("a").backlogEvents == 100 }
      try await fixture.restart([subscriber])
      try await eventually { try await fixture.status("a").backlogEvents == 100 }
      fixture.transport.answer { _ in .success }
      fixture.clock.advance(by: .seconds(101))
      try await eventually { fixture.transport.delivered(to: "a").count == 100 * Self.pairs }
      try await fixture.settled("a")
      let late = fixture.transport.delivered(to: "a").filter { $0.hasSuffix("-1") }
      #expect(late == accepted.map { $0.events[1] })
      #expect(try await fixture.journal.keyedExceptions(of: lane).isEmpty)
    }
  }

  @Test("go on behind a dead one")
  func dead() async throws {
    try await DeliveryFixture.test { fixture in
      let subscriber = Subscriber.sample("a").with(\.ordering, .key)
      try await fixture.apply([subscriber])
      let accepted = try await fixture.accept(40, .blocklist(pairs: Self.pairs))
      let dying = Set([accepted[0].events[2], accepted[20].events[2]])
      fixture.transport.answer { dying.contains($0.event) ? .status(422) : .success }
      let more = try await fixture.accept(40, .blocklist(pairs: Self.pairs))
      try await fixture.settled("a")
      let late = fixture.transport.delivered(to: "a").filter { $0.hasSuffix("-2") }
      let expected = (accepted + more).map { $0.events[2] }.filter { !dying.contains($0) || late.contains($0) }
      #expect(late == expected)
    }
  }

  @Test("of a hot key do not hold up others, and it drains in order")
  func hotKey() async throws {
    try await DeliveryFixture.test { fixture in
      fixture.transport.answer { _ in .held }
      let subscriber = Subscriber.sample("a").with(\.ordering, .key)
      try await fixture.apply([subscriber])
      let hot = try await fixture.accept(3000)
      let others = try await fixture.accept(.blocklist(pairs: 20))
      try await eventually("the others pass") { fixture.transport.inFlight(at: "a") == 16 }
      #expect(fixture.transport.attempts(at: "a").filter { $0.event == hot[1].events[0] }.isEmpty)
      fixture.transport.answer { _ in .success }
      try await eventually("all is delivered") {
        fixture.transport.release()
        return fixture.transport.delivered(to: "a").count == 3020
      }
      let arrived = fixture.transport.delivered(to: "a")
      // The first pair of each callback has the hot key too.
      let ordered = hot.flatMap(\.events) + [others.events[0]]
      #expect(arrived.filter(Set(ordered).contains) == ordered)
    }
  }

  @Test("that are no longer asked for in order still come, what is parked as well")
  func reordered() async throws {
    try await DeliveryFixture.test { fixture in
      fixture.transport.answer { $0.event.hasSuffix("-1") ? .status(500) : .success }
      let subscriber = Subscriber.sample("a", retry: .slow).with(\.ordering, .key)
      try await fixture.apply([subscriber])
      let accepted = try await fixture.accept(100, .blocklist(pairs: 2))
      try await eventually { try await fixture.status("a").backlogEvents == 100 }
      fixture.transport.answer { _ in .success }
      try await fixture.apply([subscriber.with(\.ordering, .none)])
      fixture.clock.advance(by: .seconds(101))
      try await fixture.delivered(accepted, to: "a")
    }
  }
}
