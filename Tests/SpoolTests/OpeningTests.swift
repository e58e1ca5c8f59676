import GatewayCore
import SQLiteJournal
import Spool
import Testing

@Suite("Opening a spool")
struct OpeningTests {
  private static let other = GatewayMark(rawValue: "another")

  @Test("refuses the journal of a gateway")
  func journal() async throws {
    try await SpoolFixture.test(drains: false) { fixture in
      let inner = fixture.journal.inner
      for _ in 0..<2 {
        _ = try await inner.append(.sample("1"), deadline: .soon)
        let error = await #expect(throws: JournalError.self) {
          try await SpoolFixture.spool(fixture.journal, inner, SpoolLimits(ackDeadline: .seconds(1)), fixture.logs)
        }
        #expect(
          error?.description == "it is the journal of a gateway and not a spool; give the spool a file of its own")
        _ = try await inner.openLane(for: "moderation", startingAt: .first)
      }
      #expect(try await !Spool.isSpool(inner))
      #expect(try await Spool.isSpool(fixture.store))
    }
  }

  @Test("refuses to drain into another database, unless nothing is left")
  func otherDatabase() async throws {
    try await SpoolFixture.test(drains: false) { fixture in
      let limits = SpoolLimits(ackDeadline: .seconds(1))
      fixture.journal.mode = .failing(.deadlineExceeded)
      try await fixture.append(.sample("1"))
      let error = await #expect(throws: JournalError.self) {
        try await SpoolFixture.spool(fixture.journal, fixture.store, limits, fixture.logs, mark: Self.other)
      }
      #expect(
        error?.description
          == "it holds 1 callbacks that another database is to have; start a gateway with that one until they are "
          + "drained, or use another file")
      fixture.journal.mode = .healthy
      fixture.drain()
      await fixture.isDrained()
      await fixture.stop()
      let spool = try await SpoolFixture.spool(
        fixture.journal, fixture.store, limits, fixture.logs, mark: Self.other)
      #expect(spool.depth == 0)
      #expect(try await fixture.store.lanes().map(\.subscriber) == ["spool:another"])
    }
  }
}
