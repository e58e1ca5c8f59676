import GatewayCore
import Testing

@Suite("A list of sequence numbers")
struct SequenceListTests {
  @Test(
    "comes back from its bytes",
    arguments: [
      [], [1], [1, 2, 3], [127, 128, 16_511, 16_512], [5, 1_000_000_000_000], [Int64.max - 1, Int64.max],
      Array(1_000_000..<1_000_512),
    ])
  func roundTrip(numbers: [Int64]) {
    let list = numbers.map(SequenceNumber.init(rawValue:))
    #expect(SequenceList.decode(SequenceList.encode(list)) == list)
  }

  @Test("takes a byte a number where they lie close together")
  func isShort() {
    let list = (1_000_000..<1_000_512).map { SequenceNumber(rawValue: $0) }
    #expect(SequenceList.encode(list).count < 520)
  }

  @Test(
    "is not read from what is no list",
    arguments: [[0x80], [0x01, 0x80], Array(repeating: 0xFF, count: 12), [0x01, 0x00]])
  func refuses(bytes: [UInt8]) {
    #expect(SequenceList.decode(bytes) == nil)
  }
}
