import ArgumentParser
import GatewayCore
import Testing

@testable import switchyard

@Suite("Dead letters that are meant")
struct DeadLetterSweepTests {
  private let now = Timestamp(seconds: 1_000_000)
  private let count = DeadLetterSweep.Count(deadLetters: 1, events: 1, latest: Timestamp(seconds: 500))

  private func targets(_ arguments: String...) throws -> DeadLetterTargets { try DeadLetterTargets.parse(arguments) }

  @Test("end with the last that was counted")
  func end() throws {
    let open = try targets("--error", "x").selection(now: now, upTo: count)
    #expect(open.to == "1970-01-01T00:08:20.001Z")
    let earlier = try targets("--to", "1970-01-01T00:01:00Z").selection(now: now, upTo: count)
    #expect(earlier.to == "1970-01-01T00:01:00.000Z")
    let later = try targets("--to", "2100-01-01T00:00:00Z").selection(now: now, upTo: count)
    #expect(later.to == "1970-01-01T00:08:20.001Z")
  }

  @Test("are asked for by a thousand ids at once, with what else must hold")
  func pieces() throws {
    var selection = AdminAPI.DeadLetterSelection(ids: (1...2500).map { "1-\($0)" }, subscriber: "a")
    let pieces = DeadLetterSweep.pieces(of: selection)
    #expect(pieces.map { $0.ids?.count } == [1000, 1000, 500])
    #expect(pieces.allSatisfy { $0.subscriber == "a" })
    #expect(pieces.flatMap { $0.ids ?? [] } == selection.ids)
    selection.ids = nil
    #expect(DeadLetterSweep.pieces(of: selection).count == 1)
  }

  @Test("must be said")
  func none() {
    #expect(throws: (any Error).self) { try targets() }
  }
}
