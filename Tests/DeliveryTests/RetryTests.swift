import GatewayCore
import Testing

@Suite("A delivery that fails")
struct RetryTests {
  private let delays = RetryPolicy(delays: [.seconds(50), .seconds(1000)], jitter: 0)

  @Test("is written as an exception, and is tried again when it is due")
  func isTriedAgain() async throws {
    try await DeliveryFixture.test { fixture in
      try await fixture.apply([.sample("a", retry: delays)])
      fixture.transport.answer { $0.number < 4 ? .status(503) : .success }
      let accepted = try await fixture.accept()
      for (attempt, delay) in [(1, Duration.seconds(50)), (2, .seconds(1000)), (3, .seconds(1000))] {
        try await eventually("attempt \(attempt) is recorded") {
          try await fixture.retrying("a").map(\.attempts) == [attempt]
        }
        let exception = try #require(try await fixture.retrying("a").first)
        #expect(exception.first == accepted.first)
        #expect(exception.lastError == "the subscriber answered 503")
        let wait = exception.dueAt - fixture.clock.now
        #expect(wait <= delay && wait > delay - .seconds(40))
        #expect(fixture.transport.attempts(at: "a").count == attempt)
        fixture.clock.advance(by: delay)
      }
      try await fixture.delivered([accepted], to: "a")
      #expect(fixture.transport.attempts(at: "a").map(\.number) == [1, 2, 3, 4])
      #expect(try await fixture.ended("a").isEmpty)
    }
  }

  @Test("lets the others pass")
  func letsOthersPass() async throws {
    try await DeliveryFixture.test { fixture in
      try await fixture.apply([.sample("a", concurrency: 1, retry: .slow)])
      fixture.transport.answer { $0.event.hasSuffix("-3") && $0.number == 1 ? .status(500) : .success }
      let accepted = try await fixture.accept(3, .blocklist(pairs: 10))
      try await eventually { try await fixture.lane("a").cursor == fixture.journal.head.next }
      #expect(fixture.transport.delivered(to: "a").count == 27)
      #expect(try await fixture.retrying("a").map(\.first) == accepted.map { $0.first + 3 })
      fixture.clock.advance(by: .seconds(100))
      try await fixture.delivered(accepted, to: "a")
    }
  }

  @Test("is tried again by the next process, with its number, its time and its error")
  func survivesRestart() async throws {
    try await DeliveryFixture.test { fixture in
      let subscriber = Subscriber.sample("a", retry: delays)
      try await fixture.apply([subscriber])
      fixture.transport.answer { $0.number < 3 ? .refused : .success }
      let accepted = try await fixture.accept()
      try await eventually { try await fixture.retrying("a").map(\.attempts) == [1] }
      fixture.clock.advance(by: .seconds(50))
      try await eventually { try await fixture.retrying("a").map(\.attempts) == [2] }
      let before = try await fixture.retrying("a")
      #expect(before.map(\.lastError) == ["the connection was refused"])
      try await fixture.restart([subscriber])
      #expect(try await fixture.retrying("a") == before)
      let status = try await fixture.status("a")
      #expect(status.backlogEvents <= 1)
      let next = try await fixture.accept()
      try await eventually { fixture.transport.attempts(at: "a").count == 3 }
      #expect(fixture.transport.attempts(at: "a").map(\.number) == [1, 2, 1])
      fixture.clock.advance(by: .seconds(1000))
      try await eventually { fixture.transport.delivered(to: "a").contains(accepted.events[0]) }
      let attempts = fixture.transport.attempts(at: "a").filter { $0.event == accepted.events[0] }
      #expect(attempts.map(\.number) == [1, 2, 3])
      #expect(next.events != accepted.events)
    }
  }

  @Test("is dead at once when the status says that it will never be taken", arguments: [400, 413, 415, 422])
  func permanentStatus(status: Int) async throws {
    try await DeliveryFixture.test { fixture in
      try await fixture.apply([.sample("a")])
      fixture.transport.answer { $0.event.hasSuffix("-1") ? .status(status) : .success }
      let accepted = try await fixture.accept(2, .blocklist(pairs: 3))
      try await fixture.settled("a")
      let dead = try await fixture.ended("a")
      #expect(fixture.transport.attempts(at: "a").count == 6)
      #expect(dead.map(\.first) == accepted.map { $0.first + 1 })
      #expect(dead.allSatisfy { $0.state == .dead && $0.attempts == 1 })
      #expect(dead.allSatisfy { $0.lastError == "the subscriber answered \(status)" && $0.endedAt != nil })
    }
  }

  @Test("is dead when its time is up, after a last attempt at that moment")
  func givenUp() async throws {
    try await DeliveryFixture.test { fixture in
      let policy = RetryPolicy(delays: [.seconds(400)], jitter: 0, giveUpAfter: .seconds(1000))
      try await fixture.apply([.sample("a", retry: policy)])
      fixture.transport.answer { _ in .status(500) }
      let accepted = try await fixture.accept()
      for attempt in 1...3 {
        try await eventually("attempt \(attempt)") { try await fixture.retrying("a").map(\.attempts) == [attempt] }
        fixture.clock.advance(by: .seconds(attempt == 3 ? 200 : 400))
      }
      try await eventually("it is dead") { try await fixture.ended("a").count == 1 }
      let dead = try #require(try await fixture.ended("a").first)
      #expect(dead.first == accepted.first)
      #expect(dead.state == .dead)
      #expect(dead.attempts == 4)
      #expect(dead.lastError == "the subscriber answered 500")
      #expect(try await fixture.retrying("a").isEmpty)
      // A count that was under way when it died is put right by the next one.
      try await eventually {
        fixture.clock.advance(by: .milliseconds(100))
        return try await fixture.status("a").deadLetters == 1
      }
    }
  }

  @Test("is one of thousands, and all are delivered in the end")
  func thousands() async throws {
    try await DeliveryFixture.test { fixture in
      try await fixture.apply([.sample("a", concurrency: 64)])
      fixture.transport.answer { $0.number < 3 ? .status(500) : .success }
      let accepted = try await fixture.accept(.blocklist(pairs: 2000))
      try await fixture.delivered([accepted], to: "a")
      #expect(fixture.transport.attempts(at: "a").count == 6000)
      #expect(fixture.transport.peak(at: "a") <= 64)
    }
  }

  @Test("takes turns with new events, so that neither waits for all of the other")
  func takesTurns() async throws {
    try await DeliveryFixture.test { fixture in
      fixture.transport.answer { _ in .status(500) }
      let subscriber = Subscriber.sample("a", concurrency: 1, retry: .slow)
      try await fixture.apply([subscriber])
      let old = try await fixture.accept(.blocklist(pairs: 50))
      try await eventually { try await fixture.retrying("a").count == 50 }
      try await fixture.apply([subscriber.with(\.paused, true)])
      let new = try await fixture.accept(.blocklist(pairs: 1000))
      fixture.transport.answer { _ in .held }
      fixture.clock.advance(by: .seconds(100))
      try await fixture.apply([subscriber])
      // Until the retries have been loaded there is nothing to take turns with.
      var turns: [Int] = []
      while turns.count < 10 {
        try #require(fixture.transport.delivered(to: "a").count < 990, "no retry is made before all new events")
        try await eventually { fixture.transport.release() == 1 }
        try await eventually { fixture.transport.inFlight(at: "a") == 1 }
        turns = fixture.transport.attempts(at: "a").dropFirst(50).map(\.number).drop { $0 == 1 }.map(\.self)
      }
      // While only one kind is there, it need not wait for the other.
      let kinds = Set(turns.prefix(10))
      #expect(kinds == [1, 2])
      fixture.transport.answer { _ in .success }
      fixture.transport.release()
      try await fixture.delivered([old, new], to: "a")
    }
  }
}
