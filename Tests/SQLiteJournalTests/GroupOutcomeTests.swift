import GatewayCore
import Testing

@testable import SQLiteJournal

@Suite("The outcome of a group")
struct GroupOutcomeTests {
  private func appends(_ outcome: GroupOutcome) -> [String] { outcome.appends.map { Self.text($0) } }
  private func settlements(_ outcome: GroupOutcome) -> [String] { outcome.settlements.map { Self.text($0) } }

  private static func text<Value>(_ result: Result<Value, JournalError>?) -> String {
    switch result {
    case nil: "undecided"
    case .success(let value as AppendOutcome): value == .duplicate(of: .first) ? "duplicate" : "appended"
    case .success: "settled"
    case .failure(.full): "full"
    case .failure: "failed"
    }
  }

  @Test("a commit decides everything")
  func committed() {
    var outcome = GroupOutcome(appends: 2, settlements: 1)
    outcome.committed([.appended(.first), .duplicate(of: .first)])
    #expect(outcome.isDecided)
    #expect(appends(outcome) == ["appended", "duplicate"])
    #expect(settlements(outcome) == ["settled"])
  }

  @Test("a part that is refused goes alone, and the others are tried again")
  func refused() {
    var outcome = GroupOutcome(appends: 3, settlements: 2)
    outcome.failed(.refused("too big"), at: .append(0))
    outcome.failed(.refused("no lane"), at: .settlement(1))
    #expect(outcome.undecidedAppends == [1, 2])
    #expect(outcome.undecidedSettlements == [0])
    outcome.committed([.appended(.first), .duplicate(of: .first)])
    #expect(appends(outcome) == ["failed", "appended", "duplicate"])
    #expect(settlements(outcome) == ["settled", "failed"])
  }

  @Test("a full disk refuses the appends, and only then the settlements")
  func full() {
    var outcome = GroupOutcome(appends: 2, settlements: 1)
    outcome.failed(.full, at: .append(1))
    #expect(appends(outcome) == ["full", "full"])
    #expect(settlements(outcome) == ["undecided"])
    outcome.failed(.full, at: nil)
    #expect(settlements(outcome) == ["full"])
    #expect(outcome.isDecided)
  }

  @Test("any other failure decides the whole group", arguments: [StorageFailure.corrupt("x"), .other("x")])
  func other(_ failure: StorageFailure) {
    var outcome = GroupOutcome(appends: 1, settlements: 1)
    outcome.failed(failure, at: .append(0))
    #expect(outcome.isDecided)
    #expect(appends(outcome) == ["failed"])
    #expect(settlements(outcome) == ["failed"])
  }

  @Test("a refusal that names no part decides the whole group, so that trying again comes to an end")
  func refusedWithoutPart() {
    var outcome = GroupOutcome(appends: 1, settlements: 1)
    outcome.failed(.refused("x"), at: nil)
    #expect(outcome.isDecided)
  }
}
