import ChatSimulator
import Testing

@Suite("Rows that fail on purpose")
struct RowFaultsTests {
  private func codes(_ faults: [RowFaults.Fault], seed: UInt64, count: Int = 1000) -> [Int] {
    var graph = RelationshipGraph(faults: RowFaults(faults, seed: seed))
    return graph.perform(.blackListAdd(from: "a", to: (0..<count).map { AccountID("u\($0)") })).codes
  }

  @Test("are as many as asked for, and the same by the same seed")
  func ratio() {
    let faults = [RowFaults.Fault(code: 30006, ratio: 0.2), RowFaults.Fault(code: 30007, ratio: 0.3)]
    let first = codes(faults, seed: 7)
    #expect(first == codes(faults, seed: 7))
    #expect(first != codes(faults, seed: 8))
    #expect((150...250).contains(first.count { $0 == 30006 }))
    #expect((250...350).contains(first.count { $0 == 30007 }))
    #expect(first.count { $0 == 0 } == 1000 - first.count { $0 == 30006 || $0 == 30007 })
  }

  @Test("change nothing, and have their documented text")
  func text() {
    var graph = RelationshipGraph(faults: RowFaults([RowFaults.Fault(code: 30006, ratio: 1)]))
    let outcome = graph.perform(.blackListDelete(from: "a", to: ["b"]))
    #expect(graph.entryCount == 0 && outcome.pairs.isEmpty)
    #expect(
      outcome.rows.first?.failure?.text(in: .blackListDelete) == "Err_SNS_BlackListCheck_Check_Reverse_BlackList_Fail")
    for (code, text) in [(30007, "Timeout"), (30008, "Write_Conflict"), (30540, "Fail_30540")] {
      #expect(RowFailure(code: code).text(in: .friendDelete) == "Err_SNS_FriendDelete_\(text)")
      #expect(RowFailure(code: code).code == code)
    }
  }

  @Test("are none where all or nothing is asked for")
  func extremes() {
    #expect(Set(codes([RowFaults.Fault(code: 30008, ratio: 1)], seed: 1)) == [30008])
    #expect(Set(codes([RowFaults.Fault(code: 30008, ratio: 0)], seed: 1)) == [0])
  }
}
