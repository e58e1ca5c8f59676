import GatewayCore
import SQLiteJournal
import Spool
import Synchronization
import Testing

@Suite("The spool, when the journal is back")
struct DrainingTests {
  @Test("is drained by the next start, and only once")
  func restart() async throws {
    try await SpoolFixture.test(drains: false) { fixture in
      fixture.journal.mode = .failing(.deadlineExceeded)
      for number in 0..<600 { try await fixture.append(.sample("\(number)")) }
      try await fixture.restart(drains: false)
      #expect(fixture.spool.depth == 600)
      #expect(fixture.logs.lines.last == "the spool holds callbacks of an earlier run spool.callbacks=600")
      fixture.journal.mode = .healthy
      fixture.drain()
      await fixture.isDrained()
      let expected = (0..<600).map(String.init)
      #expect(try await fixture.journalled() == expected)
      try await fixture.restart()
      #expect(fixture.spool.depth == 0)
      #expect(try await fixture.journalled() == expected)
    }
  }

  @Test("loses and doubles nothing if the gateway is killed before it wrote how far it had come")
  func killed() async throws {
    try await SpoolFixture.test { fixture in
      fixture.journal.mode = .failing(.deadlineExceeded)
      for number in 0..<40 { try await fixture.append(.sample("\(number)")) }
      fixture.journal.mode = .healthy
      await fixture.isDrained()
      await fixture.stop()
      let lane = try await #require(fixture.store.lanes().first)
      try await fixture.store.settle(Settlement(lane: lane.id, cursor: .first + 10))
      try await fixture.restart()
      #expect(fixture.spool.depth >= 0)
      await fixture.isDrained()
      try await fixture.append(.sample("40"))
      #expect(try await fixture.journalled() == (0...40).map(String.init))
    }
  }

  @Test("keeps a bounded number on their way")
  func window() async throws {
    try await SpoolFixture.test { limits in
      limits.window = 16
    } body: { fixture in
      fixture.journal.mode = .failing(.deadlineExceeded)
      for number in 0..<200 { try await fixture.append(.sample("\(number)")) }
      fixture.journal.mode = .healthy
      await fixture.isDrained()
      #expect(fixture.journal.mostUnfinished <= 16)
      #expect(try await fixture.journalled() == (0..<200).map(String.init))
    }
  }

  @Test("keeps the order in which callbacks were answered, over failures and their ends", arguments: [1, 2, 3])
  func order(_ round: Int) async throws {
    try await SpoolFixture.test { limits in
      // What is on its way when the journal fails again may change places.
      (limits.handOverBelow, limits.window) = (8, 1)
    } body: { fixture in
      for number in 0..<500 {
        if number % 100 == 10 * round { fixture.journal.mode = .failing(.unavailable("the server is away")) }
        if number % 100 == 10 * round + 5 { fixture.journal.mode = .silent }
        if number % 100 == 10 * round + 40 { fixture.journal.mode = .healthy }
        try await fixture.append(.sample("\(number)"))
      }
      fixture.journal.mode = .healthy
      await fixture.isDrained()
      #expect(try await fixture.journalled() == (0..<500).map(String.init))
    }
  }

  @Test("loses and doubles nothing of many at once, while the journal comes and goes", arguments: [1, 256])
  func many(_ window: Int) async throws {
    try await SpoolFixture.test { limits in
      limits.window = window
    } body: { fixture in
      let isDone = Mutex(false)
      let unrest = Task { [journal = fixture.journal] in
        let modes: [UnsteadyJournal.Mode] = [
          .failing(.deadlineExceeded), .healthy, .silent, .failing(.full), .healthy,
          .failing(.unavailable("the server is away")), .healthy,
        ]
        var turn = 0
        while !isDone.withLock({ $0 }) {
          journal.mode = modes[turn % modes.count]
          turn += 1
          try await Task.sleep(for: .milliseconds(3))
        }
      }
      try await withThrowingTaskGroup(of: Void.self) { group in
        for sender in 0..<8 {
          group.addTask { [spool = fixture.spool] in
            for number in 0..<60 {
              _ = try await spool.append(.sample("\(sender) \(number)", events: 1 + number % 3), deadline: .soon)
            }
          }
        }
        try await group.waitForAll()
      }
      isDone.withLock { $0 = true }
      try await unrest.value
      fixture.journal.mode = .healthy
      await fixture.isDrained()
      let found = try await fixture.journalled()
      #expect(found.count == 480)
      #expect(Set(found).count == 480)
      for sender in 0..<8 where window == 1 {
        #expect(
          found.filter { $0.hasPrefix("\(sender) ") } == (0..<60).map { "\(sender) \($0)" }, "of sender \(sender)")
      }
    }
  }

  @Test("hands over: what comes later goes straight to the journal again")
  func handingOver() async throws {
    try await SpoolFixture.test { fixture in
      fixture.journal.mode = .failing(.deadlineExceeded)
      try await fixture.append(.sample("1"))
      fixture.journal.mode = .healthy
      await eventually { fixture.logs.lines.last == "callbacks go straight to the journal again" }
      let spooled = fixture.store.head.next
      guard case .appended(let first) = try await fixture.append(.sample("2")) else { return }
      #expect(first.rawValue > 0)
      #expect(fixture.store.head.next == spooled)
    }
  }

  @Test("stops with what is left, and says how much")
  func stopping() async throws {
    try await SpoolFixture.test { fixture in
      fixture.journal.mode = .failing(.unavailable("the server is away"))
      for number in 0..<3 { try await fixture.append(.sample("\(number)")) }
      await fixture.stop()
      #expect(fixture.logs.lines.last == "callbacks stay in the spool until the next start spool.callbacks=3")
      #expect(fixture.spool.depth == 3)
    }
  }

  @Test("sets aside what the journal refuses, goes on with the others, and tries it again after a restart")
  func refused() async throws {
    try await SpoolFixture.test(drains: false) { fixture in
      fixture.journal.mode = .failing(.deadlineExceeded)
      for number in 0..<5 { try await fixture.append(.sample("\(number)")) }
      fixture.journal.mode = .failingOne("2", .refused("it has a NUL in it"))
      fixture.drain()
      await eventually { fixture.spool.depth == 1 }
      #expect(try await fixture.journalled() == ["0", "1", "3", "4"])
      #expect(try await fixture.spool.oldest() == .start)
      #expect(fixture.logs.lines.contains { $0.hasPrefix("a spooled callback is set aside callback=") })
      try await fixture.restart(drains: false)
      #expect(fixture.spool.depth == 1)
      fixture.journal.mode = .healthy
      fixture.drain()
      await fixture.isDrained()
      #expect(try await fixture.journalled() == ["0", "1", "3", "4", "2"])
    }
  }

  @Test("is not held up for ever by one that fails while the journal takes the others")
  func stuck() async throws {
    try await SpoolFixture.test(drains: false) { limits in
      limits.failuresOfOne = 3
    } body: { fixture in
      fixture.journal.mode = .failing(.deadlineExceeded)
      for number in 0..<5 { try await fixture.append(.sample("\(number)")) }
      fixture.journal.mode = .failingOne("2", .unavailable("invalid byte sequence"))
      fixture.drain()
      await eventually { fixture.spool.depth == 1 }
      #expect(try await fixture.journalled().sorted() == ["0", "1", "3", "4"])
    }
  }

  @Test("is trimmed of what was drained")
  func trimming() async throws {
    try await SpoolFixture.test { limits in
      (limits.keptFor, limits.trimInterval) = (.seconds(-1), .milliseconds(2))
    } body: { fixture in
      fixture.journal.mode = .failing(.deadlineExceeded)
      for number in 0..<50 { try await fixture.append(.sample("\(number)")) }
      fixture.journal.mode = .healthy
      await fixture.isDrained()
      try await eventually {
        try await fixture.store.read(from: .first, limit: ReadLimit(batches: 1, bytes: 1)) { _ in true }.batches.isEmpty
      }
    }
  }
}
