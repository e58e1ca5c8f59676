import Foundation
import GatewayCore
import Logging
import Testing

@testable import SQLiteJournal

@Suite("A journal whose file is lost while it is open")
struct LostFileTests {
  /// What an operator or a script does to the file.
  enum Loss: CaseIterable {
    case removed, movedAway, replaced, folderMovedAway, logRemoved

    func happen(to place: TemporaryJournal) throws {
      let files = FileManager.default
      switch self {
      case .removed: try files.removeItem(atPath: place.path)
      case .movedAway: try files.moveItem(atPath: place.path, toPath: place.path + ".old")
      case .replaced:
        try files.copyItem(atPath: place.path, toPath: place.path + ".new")
        guard rename(place.path + ".new", place.path) == 0 else { throw CocoaError(.fileWriteUnknown) }
      case .logRemoved: try files.removeItem(atPath: place.path + "-wal")
      case .folderMovedAway: try files.moveItem(atPath: place.folder, toPath: place.folder + ".old")
      }
    }
  }

  @Test("takes nothing more, and says once why", arguments: Loss.allCases)
  func lost(_ loss: Loss) async throws {
    let place = try TemporaryJournal()
    defer { try? FileManager.default.removeItem(atPath: place.folder + ".old") }
    let journal = try await place.open()
    let lane = try await journal.openLane(for: "moderation", startingAt: .first)
    _ = try await journal.append(.sample(), deadline: .soon)
    try await journal.checkWritable()
    try loss.happen(to: place)

    let lost = place.path + (loss == .logRemoved ? "-wal" : "")
    let refusal = JournalError.unavailable(
      "the journal \(lost) has been removed or replaced while in use; restart the gateway")
    for _ in 0..<2 {
      await #expect(throws: refusal) { try await journal.append(.sample(), deadline: .soon) }
      await #expect(throws: refusal) {
        try await journal.settle(Settlement(lane: lane.id, cursor: SequenceNumber(rawValue: 2)))
      }
      await #expect(throws: refusal) { try await journal.checkWritable() }
    }
    await #expect(throws: refusal) { try await journal.openLane(for: "audit", startingAt: .first) }
    #expect(journal.head.next == SequenceNumber(rawValue: 2))
    // Deliveries go on with what can still be read.
    #expect(try await journal.readAll().batches.count == 1)
    let complaints = place.logs.lines.filter { $0.level == .error }
    #expect(complaints.map(\.message) == ["journal cannot commit"])
    #expect(complaints.first?.metadata["error"] == "\(refusal)")
    await journal.close()
  }

  @Test("fails an append and a settlement of one group alike")
  func oneGroup() async throws {
    let place = try TemporaryJournal()
    let journal = try await place.open()
    let lane = try await journal.openLane(for: "moderation", startingAt: .first)
    let group = Gate()
    let held = Task { try await journal.withWriter { _ in group.hold() } }
    await group.reached()
    let append = Task { try await journal.append(.sample(), deadline: .soon) }
    let settlement = Task {
      try await journal.settle(Settlement(lane: lane.id, cursor: SequenceNumber(rawValue: 5)))
    }
    await Task.yield()
    try Loss.removed.happen(to: place)
    group.open()
    try await held.value
    await #expect(throws: JournalError.self) { try await append.value }
    await #expect(throws: JournalError.self) { try await settlement.value }
    await journal.close()
  }

  @Test("goes on when the file is back in its place")
  func back() async throws {
    let place = try TemporaryJournal()
    let journal = try await place.open()
    try Loss.movedAway.happen(to: place)
    await #expect(throws: JournalError.self) { try await journal.append(.sample(), deadline: .soon) }
    try FileManager.default.moveItem(atPath: place.path + ".old", toPath: place.path)
    #expect(try await journal.append(.sample(), deadline: .soon) == .appended(.first))
    #expect(place.logs.lines.contains { $0.message == "journal commits again" })
    await journal.close()
    let again = try await place.open()
    #expect(try await again.readAll().batches.count == 1)
    await again.close()
  }
}
