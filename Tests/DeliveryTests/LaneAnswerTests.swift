import GatewayCore
import OrderedCollections
import Testing

@testable import Delivery

@Suite("What is asked of a lane")
struct LaneAnswerTests {
  @Test("is answered when the time for it is over, and done all the same")
  func deadline() async throws {
    try await DeliveryFixture.test { fixture in
      try await fixture.apply([.sample("a")])
      let lane = try #require(await fixture.service.board.lanes["a"])
      fixture.intercepted.hold(.settle)
      await #expect(throws: JournalError.deadlineExceeded) {
        try await lane.ask(within: .milliseconds(50)) { .pause($0) }
      }
      fixture.intercepted.release(.settle)
      try await eventually { try await fixture.journal.lanes().first?.hold.pausedAt != nil }
      #expect(try await fixture.status("a").state == .paused)
    }
  }

  @Test("is answered when the journal refuses to record it")
  func refused() async throws {
    try await DeliveryFixture.test { fixture in
      try await fixture.apply([.sample("a")])
      fixture.intercepted.refuse(.settle)
      await #expect(throws: ControlError.unrecorded(.unavailable("refused by the test"))) {
        try await fixture.service.pause("a")
      }
      fixture.intercepted.allow(.settle)
      try await eventually { try await fixture.journal.lanes().first?.hold.pausedAt != nil }
    }
  }

  @Test("is answered when the lane ends, and by a lane that has ended")
  func ended() async throws {
    try await DeliveryFixture.test { fixture in
      try await fixture.apply([.sample("a")])
      let lane = try #require(await fixture.service.board.lanes["a"])
      try await fixture.apply([.sample("b")])
      try await eventually { lane.ended.isOpen }
      await #expect(throws: JournalError.closed) { try await lane.ask { .pause($0) } }
    }
  }
}
