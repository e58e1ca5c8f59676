import CurlTransport
import GatewayCore
import Testing

@Suite struct SpecialPurposeAddressTests {
  @Test(
    "the first and last address of every special range are special, and their neighbours outside are not",
    arguments: [
      ("0.0.0.0", "0.255.255.255", nil, "1.0.0.0"),
      ("10.0.0.0", "10.255.255.255", "9.255.255.255", "11.0.0.0"),
      ("100.64.0.0", "100.127.255.255", "100.63.255.255", "100.128.0.0"),
      ("127.0.0.0", "127.255.255.255", "126.255.255.255", "128.0.0.0"),
      ("169.254.0.0", "169.254.255.255", "169.253.255.255", "169.255.0.0"),
      ("172.16.0.0", "172.31.255.255", "172.15.255.255", "172.32.0.0"),
      ("192.0.0.0", "192.0.0.255", "191.255.255.255", "192.0.1.0"),
      ("192.0.2.0", "192.0.2.255", "192.0.1.255", "192.0.3.0"),
      ("192.31.196.0", "192.31.196.255", "192.31.195.255", "192.31.197.0"),
      ("192.52.193.0", "192.52.193.255", "192.52.192.255", "192.52.194.0"),
      ("192.88.99.0", "192.88.99.255", "192.88.98.255", "192.88.100.0"),
      ("192.168.0.0", "192.168.255.255", "192.167.255.255", "192.169.0.0"),
      ("192.175.48.0", "192.175.48.255", "192.175.47.255", "192.175.49.0"),
      ("198.18.0.0", "198.19.255.255", "198.17.255.255", "198.20.0.0"),
      ("198.51.100.0", "198.51.100.255", "198.51.99.255", "198.51.101.0"),
      ("203.0.113.0", "203.0.113.255", "203.0.112.255", "203.0.114.0"),
      ("224.0.0.0", "255.255.255.255", "223.255.255.255", nil),
      ("::", "::1", nil, nil),
      ("64:ff9b:1::", "64:ff9b:1:ffff:ffff:ffff:ffff:ffff", "64:ff9b:0:ffff::", "64:ff9b:2::"),
      ("100::", "100::ffff:ffff:ffff:ffff", nil, "100:0:0:2::"),
      ("100:0:0:1::", "100::1:ffff:ffff:ffff:ffff", nil, "100:0:0:2::"),
      ("2001::", "2001:1ff:ffff:ffff:ffff:ffff:ffff:ffff", "2000:ffff::", "2001:200::"),
      ("2001:db8::", "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff", "2001:db7:ffff::", "2001:db9::"),
      ("2002::", "2002:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "2001:ffff::", "2003::"),
      ("2620:4f:8000::", "2620:4f:8000:ffff:ffff:ffff:ffff:ffff", "2620:4f:7fff::", "2620:4f:8001::"),
      ("3fff::", "3fff:fff:ffff:ffff:ffff:ffff:ffff:ffff", "3ffe:ffff::", "3fff:1000::"),
      ("5f00::", "5f00:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "5eff::", "5f01::"),
      ("fc00::", "fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "fbff::", "fe00::"),
      ("fe80::", "febf:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "fe7f::", nil),
      ("fec0::", "feff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", nil, nil),
      ("ff00::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", nil, nil),
    ] as [(String, String, String?, String?)])
  func edges(first: String, last: String, before: String?, after: String?) throws {
    #expect(SpecialPurposeAddress.of(try address(first)) != nil)
    #expect(SpecialPurposeAddress.of(try address(last)) != nil)
    for outside in [before, after].compactMap({ $0 }) {
      #expect(SpecialPurposeAddress.of(try address(outside)) == nil, "\(outside)")
    }
  }

  @Test(
    "addresses of the public internet are not special",
    arguments: ["1.1.1.1", "8.8.8.8", "43.135.0.1", "2606:4700:4700::1111", "2a00:1450:4001::1", "64:ff9b::808:808"])
  func publicAddresses(text: String) throws {
    #expect(SpecialPurposeAddress.of(try address(text)) == nil)
  }

  @Test("an IPv4 address mapped into IPv6 is the IPv4 address")
  func mapped() throws {
    #expect(SpecialPurposeAddress.of(try address("::ffff:10.0.0.1"))?.purpose == .private)
    #expect(SpecialPurposeAddress.of(try address("::ffff:8.8.8.8")) == nil)
  }

  @Test(
    "the IPv4 address that a translator or tunnel would use is found",
    arguments: [
      ("64:ff9b::10.0.0.1", "10.0.0.1"), ("2002:a00:1::5", "10.0.0.1"), ("::10.0.0.1", "10.0.0.1"),
      ("::1", nil), ("::", nil), ("64:ff9b:1::a00:1", nil), ("2001:db8::1", nil), ("10.0.0.1", nil),
    ] as [(String, String?)])
  func embedded(text: String, expected: String?) throws {
    #expect(SpecialPurposeAddress.embedded(in: try address(text))?.description == expected)
  }

  private func address(_ text: String) throws -> IPAddress { try #require(IPAddress(text)) }
}
