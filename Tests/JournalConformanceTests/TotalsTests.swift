import GatewayCore
import Testing

@Suite("Totals and positions")
struct TotalsTests {
  @Test("totals are exact at every position, also in the middle of a batch", arguments: JournalUnderTest.all)
  func everyPosition(_ kind: JournalUnderTest) async throws {
    try await kind.test { fixture in
      try await fixture.append(.sample(kind: .friendAdded, events: 3))
      try await fixture.append(.sample(kind: .blockAdded, events: 2))
      try await fixture.append(.sample(kind: .friendAdded, events: 4))
      let friends = [0, 1, 2, 3, 3, 3, 4, 5, 6, 7]
      let blocks = [0, 0, 0, 0, 1, 2, 2, 2, 2, 2]
      for (index, (friend, block)) in zip(friends, blocks).enumerated() {
        let totals = try await fixture.journal.totals(below: SequenceNumber(rawValue: Int64(index + 1)))
        #expect(totals[.friendAdded, default: 0] == friend)
        #expect(totals[.blockAdded, default: 0] == block)
      }
    }
  }

  @Test("below the head they are what the head says, over restarts and after trimming", arguments: JournalUnderTest.all)
  func agreesWithHead(_ kind: JournalUnderTest) async throws {
    try await kind.test { fixture in
      for number in 0..<30 {
        try await fixture.append(.sample(kind: number % 3 == 0 ? .blockAdded : .friendAdded, events: 1 + number % 5))
      }
      let head = fixture.journal.head.kinds
      let before = try await fixture.journal.totals(below: fixture.journal.head.next)
      #expect(before == head.mapValues(\.total))
      #expect(try await fixture.journal.trim(below: 40, receivedBefore: .start + .seconds(1), limit: 100) > 0)
      try await fixture.reopen()
      #expect(fixture.journal.head.kinds == head)
      #expect(try await fixture.journal.totals(below: fixture.journal.head.next) == before)
    }
  }

  @Test("trimming what lies below a position does not change its totals", arguments: JournalUnderTest.all)
  func afterTrim(_ kind: JournalUnderTest) async throws {
    try await kind.test { fixture in
      for number in 0..<20 {
        try await fixture.append(.sample(kind: number < 7 ? .blockAdded : .friendAdded, events: 2))
      }
      let before = try await fixture.journal.totals(below: 26)
      #expect(try await fixture.journal.trim(below: 25, receivedBefore: .start + .seconds(1), limit: 100) == 12)
      #expect(try await fixture.journal.totals(below: 26) == before)
      try await fixture.append(.sample(kind: .blockAdded))
      #expect(try await fixture.journal.totals(below: 26) == before)
    }
  }

  @Test(
    "a journal that was trimmed to nothing still knows where it ends and what it held", arguments: JournalUnderTest.all)
  func trimmedToNothing(_ kind: JournalUnderTest) async throws {
    try await kind.test { fixture in
      try await fixture.append(.sample(events: 5))
      #expect(try await fixture.journal.trim(below: 6, receivedBefore: .start + .seconds(1), limit: 10) == 1)
      try await fixture.reopen()
      #expect(fixture.journal.head.next == 6)
      #expect(fixture.journal.head.kinds == [.friendAdded: .init(total: 5, end: 6)])
      #expect(try await fixture.append(.sample()) == 6)
    }
  }

  @Test("a moment's position is the first batch received then or later", arguments: JournalUnderTest.all)
  func positions(_ kind: JournalUnderTest) async throws {
    try await kind.test { fixture in
      #expect(try await fixture.journal.position(receivedAtOrAfter: .start) == 1)
      for second in 0..<40 { try await fixture.append(.sample(events: 3, at: .start + .seconds(second * 10))) }
      for second in 0..<40 {
        let first = SequenceNumber(rawValue: Int64(1 + second * 3))
        #expect(try await fixture.journal.position(receivedAtOrAfter: .start + .seconds(second * 10)) == first)
        #expect(try await fixture.journal.position(receivedAtOrAfter: .start + .seconds(second * 10 - 1)) == first)
      }
      #expect(
        try await fixture.journal.position(receivedAtOrAfter: .start + .seconds(391)) == fixture.journal.head.next)
      #expect(try await fixture.journal.trim(below: 10, receivedBefore: .start + .seconds(1000), limit: 10) == 3)
      #expect(try await fixture.journal.position(receivedAtOrAfter: .start) == 10)
    }
  }

  @Test("callbacks written a little out of order are not missed", arguments: JournalUnderTest.all)
  func disorder(_ kind: JournalUnderTest) async throws {
    try await kind.test { fixture in
      for second in [0, 10, 30, 20, 25, 40, 50, 60] { try await fixture.append(.sample(at: .start + .seconds(second))) }
      #expect(try await fixture.journal.position(receivedAtOrAfter: .start + .seconds(26)) == 3)
      #expect(try await fixture.journal.position(receivedAtOrAfter: .start + .seconds(31)) == 6)
    }
  }
}
