import GatewayCore
import Testing

@testable import Spool

@Suite("A callback in the spool")
struct SpooledBatchTests {
  @Test(
    "is the same when it comes out",
    arguments: [
      nil, DuplicateKey.sample(0), .sample(200), .sample(9, .until(.start)),
      .sample(7, .until(Timestamp(milliseconds: -1))),
    ])
  func same(_ key: DuplicateKey?) throws {
    let batch = NewBatch.sample("a payload", events: 17, key: key)
    let stored = StoredBatch(SpooledBatch.stored(batch), at: .first)
    #expect(stored.eventCount == 1)
    let original = try #require(SpooledBatch.original(stored))
    #expect(original.id == batch.id)
    #expect(original.kind == batch.kind)
    #expect(original.eventCount == 17)
    #expect(original.receivedAt == batch.receivedAt)
    #expect(original.derivation == batch.derivation)
    #expect(original.payload == batch.payload)
    #expect(original.duplicateKey == key)
  }

  @Test(
    "is not taken for one if it was not made so",
    arguments: [
      "1 PairList", "", "0 - 1 PairList", "x - 1 PairList", "1 0123 1 PairList",
      "1 0123456789abcdef0123456789abcdeg 1 PairList", "1 0123456789abcdef0123456789abcdef@ 1 PairList",
    ])
  func other(_ derivation: String) {
    var stored = StoredBatch(.sample("a payload"), at: .first)
    stored.derivation = Derivation(rawValue: derivation)
    #expect(SpooledBatch.original(stored) == nil)
  }
}
