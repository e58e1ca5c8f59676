import GatewayCore
import Testing

@Suite("Settling")
struct SettlingTests {
  @Test(
    "cursor, clock and exceptions of a settlement are there together after a restart", arguments: JournalUnderTest.all)
  func together(_ kind: JournalUnderTest) async throws {
    try await kind.test { fixture in
      let lane = try await fixture.openLane()
      let clock = HeldClock(heldMilliseconds: 1500, heldSince: .start + .seconds(2))
      try await fixture.journal.settle(
        Settlement(lane: lane, cursor: 42, clock: clock, written: [.retrying(7, attempts: 3), .dead(9)]))
      try await fixture.reopen()
      let record = try #require(try await fixture.journal.lanes().first)
      #expect(record.cursor == 42)
      #expect(record.clock == clock)
      let due = try await fixture.journal.dueExceptions(of: lane, by: .start, limit: 10, excluding: [])
      #expect(due == [.retrying(7, attempts: 3)])
      #expect(try await fixture.journal.deadLetters(of: lane, from: .first, limit: 10) == [.dead(9)])
    }
  }

  @Test("what a settlement does not name stays", arguments: JournalUnderTest.all)
  func partial(_ kind: JournalUnderTest) async throws {
    try await kind.test { fixture in
      let lane = try await fixture.openLane()
      let held = HeldClock(heldMilliseconds: 10, heldSince: .start)
      try await fixture.journal.settle(Settlement(lane: lane, cursor: 5, clock: held, written: [.retrying(1)]))
      try await fixture.journal.settle(Settlement(lane: lane, cursor: 6))
      #expect(try await fixture.journal.lanes().map(\.clock) == [held])
      let running = HeldClock(heldMilliseconds: 20)
      try await fixture.journal.settle(Settlement(lane: lane, clock: running))
      let record = try #require(try await fixture.journal.lanes().first)
      #expect(record.cursor == 6)
      #expect(record.clock == running)
      #expect(try await fixture.journal.exceptionCounts(of: lane).retrying == 1)
    }
  }

  @Test(
    "an exception replaces the one with the same first number, and is removed by it", arguments: JournalUnderTest.all)
  func replacing(_ kind: JournalUnderTest) async throws {
    try await kind.test { fixture in
      let lane = try await fixture.openLane()
      try await fixture.journal.settle(Settlement(lane: lane, written: [.retrying(3), .retrying(4)]))
      try await fixture.journal.settle(Settlement(lane: lane, written: [.dead(3)], removed: [4]))
      let counts = try await fixture.journal.exceptionCounts(of: lane)
      #expect(counts == ExceptionCounts(dead: 1, lowestPinned: 3))
    }
  }

  @Test("the exceptions of one lane are not those of another", arguments: JournalUnderTest.all)
  func separateLanes(_ kind: JournalUnderTest) async throws {
    try await kind.test { fixture in
      let one = try await fixture.openLane("one")
      let two = try await fixture.openLane("two")
      try await fixture.journal.settle(Settlement(lane: one, written: [.retrying(3), .dead(5)]))
      try await fixture.journal.settle(Settlement(lane: two, written: [.retrying(3)], removed: [5]))
      #expect(try await fixture.journal.exceptionCounts(of: one).dead == 1)
      #expect(try await fixture.journal.exceptionCounts(of: two).dead == 0)
      #expect(try await fixture.journal.nextDue(of: two, excluding: [3]) == nil)
    }
  }

  @Test("due exceptions come longest due first, without those that are excluded", arguments: JournalUnderTest.all)
  func dueOrder(_ kind: JournalUnderTest) async throws {
    try await kind.test { fixture in
      let lane = try await fixture.openLane()
      let due: [SequenceNumber: Int] = [10: 30, 11: 10, 12: 20, 13: 50, 14: 40]
      let written = due.map { DeliveryException.retrying($0.key, dueAt: .start + .seconds($0.value)) }
      try await fixture.journal.settle(Settlement(lane: lane, written: written + [.dead(9)]))
      func firsts(by second: Int, limit: Int, excluding: Set<SequenceNumber>) async throws -> [SequenceNumber] {
        try await fixture.journal.dueExceptions(
          of: lane, by: .start + .seconds(second), limit: limit, excluding: excluding
        ).map(\.first)
      }
      #expect(try await firsts(by: 9, limit: 10, excluding: []) == [])
      #expect(try await firsts(by: 40, limit: 10, excluding: []) == [11, 12, 10, 14])
      #expect(try await firsts(by: 40, limit: 2, excluding: []) == [11, 12])
      #expect(try await firsts(by: 40, limit: 2, excluding: [11, 10]) == [12, 14])
      #expect(try await fixture.journal.nextDue(of: lane, excluding: []) == .start + .seconds(10))
      #expect(try await fixture.journal.nextDue(of: lane, excluding: [11, 12]) == .start + .seconds(30))
      #expect(try await fixture.journal.nextDue(of: lane, excluding: Set(due.keys)) == nil)
    }
  }

  @Test("counts tell the oldest that is retried and the lowest batch that is needed", arguments: JournalUnderTest.all)
  func counts(_ kind: JournalUnderTest) async throws {
    try await kind.test { fixture in
      let lane = try await fixture.openLane()
      var old = DeliveryException.retrying(30)
      old.acceptedAt = .start - .seconds(500)
      try await fixture.journal.settle(
        Settlement(
          lane: lane,
          written: [.expired(1...9, events: 4), .expired(11...20, events: 3), .dead(10), .retrying(25), old]))
      #expect(
        try await fixture.journal.exceptionCounts(of: lane)
          == ExceptionCounts(
            retrying: 2, waitingEvents: 2, dead: 1, expiredEvents: 7, oldestWaiting: .start - .seconds(500),
            lowestPinned: 10))
      let pinning = try await fixture.journal.pinningExceptions(of: lane, below: 30, limit: 10)
      #expect(pinning.map(\.first) == [10, 25])
      #expect(try await fixture.journal.pinningExceptions(of: lane, below: 31, limit: 2).map(\.first) == [10, 25])
    }
  }

  @Test("dead letters come oldest first from a number on, and go by age", arguments: JournalUnderTest.all)
  func deadLetters(_ kind: JournalUnderTest) async throws {
    try await kind.test { fixture in
      let lane = try await fixture.openLane()
      let dead = (1...6).map {
        DeliveryException.dead(SequenceNumber(rawValue: $0), endedAt: .start + .seconds(10 - $0))
      }
      let expired = DeliveryException.expired(7...9, events: 2, endedAt: .start)
      try await fixture.journal.settle(Settlement(lane: lane, written: dead + [expired, .retrying(10)]))
      #expect(try await fixture.journal.deadLetters(of: lane, from: 3, limit: 3).map(\.first) == [3, 4, 5])
      #expect(try await fixture.journal.deadLetters(of: lane, from: 6, limit: 9) == [dead[5], expired])
      func delete(_ limit: Int) async throws -> Int {
        try await fixture.journal.deleteDeadLetters(of: lane, endedBefore: .start + .seconds(6), limit: limit)
      }
      #expect(try await delete(1) == 1)
      #expect(try await delete(10) == 2)
      #expect(try await delete(10) == 0)
      #expect(try await fixture.journal.deadLetters(of: lane, from: 1, limit: 9).map(\.first) == [1, 2, 3, 4])
      #expect(try await fixture.journal.exceptionCounts(of: lane).retrying == 1)
    }
  }

  @Test("why a subscriber is left alone is there after a restart, until that changes", arguments: JournalUnderTest.all)
  func holds(_ kind: JournalUnderTest) async throws {
    try await kind.test { fixture in
      let lane = try await fixture.openLane()
      let hold = LaneHold(until: .start + .seconds(9), goneURL: .max)
      try await fixture.journal.settle(Settlement(lane: lane, hold: hold))
      try await fixture.reopen()
      #expect(try await fixture.journal.lanes().first?.hold == hold)
      try await fixture.journal.settle(Settlement(lane: lane, cursor: 7))
      #expect(try await fixture.journal.lanes().first?.hold == hold)
      try await fixture.journal.settle(Settlement(lane: lane, hold: LaneHold()))
      #expect(try await fixture.journal.lanes().first?.hold == LaneHold())
    }
  }

  @Test("a batch that is retried keeps its members and keys", arguments: JournalUnderTest.all)
  func batches(_ kind: JournalUnderTest) async throws {
    try await kind.test { fixture in
      let lane = try await fixture.openLane()
      let batch = DeliveryException.batch([3, 5, 900], keys: [.sample(1), nil, .sample(.max)])
      try await fixture.journal.settle(Settlement(lane: lane, written: [batch, .retrying(4)]))
      try await fixture.reopen()
      let due = try await fixture.journal.dueExceptions(of: lane, by: .start, limit: 9, excluding: [4])
      #expect(due == [batch])
      #expect(try await fixture.journal.exception(of: lane, at: 3) == batch)
      #expect(try await fixture.journal.exception(of: lane, at: 5) == nil)
      let counts = try await fixture.journal.exceptionCounts(of: lane)
      #expect((counts.retrying, counts.waitingEvents) == (2, 4))
    }
  }

  @Test(
    "what is parked is not due, keeps its batches, and is told with what holds it back", arguments: JournalUnderTest.all
  )
  func parked(_ kind: JournalUnderTest) async throws {
    try await kind.test { fixture in
      let lane = try await fixture.openLane()
      var holder = DeliveryException.retrying(2)
      holder.keys = [.sample(1)]
      let run = DeliveryException.parked([4, 6, 7], key: .sample(1))
      try await fixture.journal.settle(Settlement(lane: lane, written: [run, holder, .retrying(5), .dead(3)]))
      try await fixture.reopen()
      let journal = fixture.journal
      #expect(try await journal.dueExceptions(of: lane, by: .start, limit: 9, excluding: []).map(\.first) == [2, 5])
      #expect(try await journal.deadLetters(of: lane, from: .first, limit: 9).map(\.first) == [3])
      #expect(try await journal.pinningExceptions(of: lane, below: 5, limit: 9).map(\.first) == [2, 3, 4])
      var withoutMembers = run
      withoutMembers.members = []
      #expect(try await journal.keyedExceptions(of: lane) == [holder, withoutMembers])
      #expect(try await journal.exception(of: lane, at: 4) == run)
      #expect(
        try await journal.exceptionCounts(of: lane)
          == ExceptionCounts(
            retrying: 2, parkedRuns: 1, waitingEvents: 5, dead: 1, oldestWaiting: .start, lowestPinned: 2))
      var rest = DeliveryException.parked([6, 7], key: .sample(1))
      rest.acceptedAt = .start + .seconds(1)
      var failed = DeliveryException.retrying(4)
      failed.keys = [.sample(1)]
      try await journal.settle(Settlement(lane: lane, written: [rest, failed], removed: [4, 2]))
      #expect(try await journal.keyedExceptions(of: lane).map(\.first) == [4, 6])
    }
  }

  @Test(
    "retries are found one behind the other, and from the first again after the last", arguments: JournalUnderTest.all)
  func roundRobin(_ kind: JournalUnderTest) async throws {
    try await kind.test { fixture in
      let lane = try await fixture.openLane()
      try await fixture.journal.settle(Settlement(lane: lane, written: [.retrying(3), .dead(5), .retrying(8)]))
      func next(after number: SequenceNumber, excluding: Set<SequenceNumber> = []) async throws -> SequenceNumber? {
        try await fixture.journal.nextRetrying(of: lane, after: number, excluding: excluding)?.first
      }
      #expect(try await next(after: 0) == 3)
      #expect(try await next(after: 3) == 8)
      #expect(try await next(after: 8) == 3)
      #expect(try await next(after: 3, excluding: [8]) == 3)
      #expect(try await next(after: 0, excluding: [3, 8]) == nil)
    }
  }
}
