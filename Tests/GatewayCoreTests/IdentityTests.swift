import GatewayCore
import Testing

@Suite("Ids")
struct IdentityTests {
  @Test("a derived batch id is a UUIDv8 of the digest, the same each time")
  func derived() {
    let digest = (0..<32).map { UInt8($0) }
    #expect(BatchID(digest: digest).description == "00010203-0405-8607-8809-0a0b0c0d0e0f")
  }

  @Test("a fresh batch id is a UUIDv7 that holds its moment")
  func fresh() {
    var generator = SystemRandomNumberGenerator()
    let id = BatchID(at: Timestamp(milliseconds: 0x0199_F2C4_8A51), using: &generator)
    #expect(id.description.hasPrefix("0199f2c4-8a51-7"))
    #expect("89ab".contains(id.description[id.description.index(id.description.startIndex, offsetBy: 19)]))
  }

  @Test("an id reads back from its text and its bytes")
  func roundTrip() throws {
    let id = try #require(BatchID("0199f2c4-8a51-7c3e-9d10-2b7e6f0a4c11"))
    #expect(BatchID(bytes: id.bytes) == id)
    #expect(BatchID(id.description) == id)
    let event = EventID(batch: id, index: 1999)
    #expect(event.description == "0199f2c4-8a51-7c3e-9d10-2b7e6f0a4c11-1999")
    #expect(EventID(event.description) == event)
  }

  @Test(
    "what is no id is refused",
    arguments: [
      "", "0199f2c4-8a51-7c3e-9d10-2b7e6f0a4c1", "0199f2c48a517c3e9d102b7e6f0a4c11----",
      "x199f2c4-8a51-7c3e-9d10-2b7e6f0a4c11",
    ])
  func refused(text: String) { #expect(BatchID(text) == nil) }

  @Test(
    "an app id is a positive decimal number",
    arguments: [
      ("1400000000", 1_400_000_000), ("0", nil), ("-1", nil), ("+1", nil), (" 1", nil), ("1e3", nil), ("", nil),
    ] as [(String, Int64?)])
  func apps(text: String, value: Int64?) { #expect(AppID(text)?.rawValue == value) }
}
