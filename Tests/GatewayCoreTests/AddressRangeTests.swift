import GatewayCore
import Testing

@Suite("An address range")
struct AddressRangeTests {
  @Test(
    "holds the addresses of its network",
    arguments: [
      ("203.0.113.0/24", "203.0.113.255", true), ("203.0.113.0/24", "203.0.114.0", false),
      ("203.0.113.77/24", "203.0.113.1", true), ("10.0.0.0/9", "10.127.0.1", true), ("10.0.0.0/9", "10.128.0.1", false),
      ("0.0.0.0/0", "8.8.8.8", true), ("0.0.0.0/0", "2001:db8::1", false), ("2001:db8::/32", "2001:db8:ffff::1", true),
      ("2001:db8::/32", "2001:db9::1", false), ("192.0.2.1", "192.0.2.1", true), ("192.0.2.1", "192.0.2.2", false),
      ("192.0.2.0/24", "::ffff:192.0.2.9", true), ("::ffff:192.0.2.0/120", "192.0.2.9", true), ("::1", "::1", true),
    ])
  func contains(range: String, address: String, isInside: Bool) throws {
    let range = try #require(AddressRange(range))
    #expect(range.contains(try #require(IPAddress(address))) == isInside)
  }

  @Test(
    "refuses what is none",
    arguments: [
      "", "203.0.113.0/33", "203.0.113.0/", "203.0.113/24", "2001:db8::/129", "host", "1.2.3.4/8/9", "::ffff:1.2.3.4/8",
      "1.2.3.4/-1", "1.2.3.4/+8", "1.2.3.4\0", "::1\0.example", "1.2.3.4\0/8",
    ])
  func refuses(text: String) { #expect(AddressRange(text) == nil) }

  @Test(
    "is written as it is understood", arguments: [("2001:DB8:0::/32", "2001:db8::/32"), ("192.0.2.1/32", "192.0.2.1")])
  func description(text: String, description: String) { #expect(AddressRange(text)?.description == description) }
}
