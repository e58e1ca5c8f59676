import Testing

@testable import CurlTransport

@Suite struct AuthorityTests {
  @Test(
    "host and port are read as libcurl dials them",
    arguments: [
      ("http://example.com/x?y", "example.com", 80, false),
      ("https://Example.COM/", "example.com", 443, false),
      ("https://user:word@example.com:8443/", "example.com", 8443, false),
      ("http://127.0.0.1:9000/", "127.0.0.1", 9000, true),
      ("http://0x7f.1/", "127.0.0.1", 80, true),
      ("http://2130706433/", "127.0.0.1", 80, true),
      ("http://%31%32%37.0.0.1/", "127.0.0.1", 80, true),
      ("http://[::1]:81/", "::1", 81, true),
      ("http://[2001:DB8::1]/", "2001:db8::1", 80, true),
      ("HTTP://example.com", "example.com", 80, false),
    ])
  func read(url: String, host: String, port: Int, isAddress: Bool) throws {
    let authority = try #require(Authority(url: url))
    #expect(authority.host == host)
    #expect(authority.port == port)
    #expect(authority.isAddress == isAddress)
  }

  @Test(
    "anything else is not an authority",
    arguments: ["", "example.com", "//example.com/", "ftp://example.com/", "http://", "http://a b/", "http://x:99999/"])
  func refused(url: String) {
    #expect(Authority(url: url) == nil)
  }
}
