import Testing

@testable import RoutesFile

@Suite("A subscriber's URL")
struct SubscriberURLTests {
  @Test(
    "absolute http and https URLs are taken as they stand",
    arguments: [
      "https://a.example", "HTTPS://A.Example/hooks?x=%20y&z", "http://127.0.0.1:9101", "http://[::1]:80/", "https://h",
      "https://a_b.example./", "https://xn--bcher-kva.example:65535/%E4%BD%A0",
    ])
  func good(_ text: String) throws {
    #expect(try SubscriberURL(text).text == text)
  }

  @Test(
    "what two parsers could take differently is refused",
    arguments: [
      ("", "must start with"), ("a.example", "must start with"), ("ftp://a.example", "must start with"),
      ("https:/a.example", "must start with"), ("https://", "has no host"), ("https://:443/", "has no host"),
      ("https:///path", "has no host"), ("https://user@a.example", "user or password"),
      ("https://user:pass@a.example/", "user or password"), ("https://a.example/#part", "fragment"),
      ("https://a.example#", "fragment"), ("https://a.example:0/", "port"), ("https://a.example:65536", "port"),
      ("https://a.example:/", "port"), ("https://a.example:8x", "port"), ("https://a.example/a b", "character"),
      ("https://a.example\\@b.example/", "character"),
      ("https://bücher.example", "letters beyond ASCII; write it as \"xn--bcher-kva.example\""),
      ("https://bücher.例え.test:8443/ü?x", "write it as \"xn--bcher-kva.xn--r8jz45g.test\""),
      ("https://a.example/ü b", "character"), ("https://a.example/ü", "character"),
      ("https://a.example/\u{7F}", "character"), ("https://a.example/\r\nX: y", "character"),
      ("https://a.example/%2", "two hex digits"), ("https://a.example/%zz", "two hex digits"),
      ("https://a%2eb/", "not a name or an address"), ("https://a..b/", "not a name or an address"),
      ("https://.a/", "not a name or an address"), ("https://[::1/", "IPv6"), ("https://[1.2.3.4]/", "IPv6"),
      ("https://[fe80::1%25eth0]/", "IPv6"), ("https://[::1]x/", "port"), ("https://127.1/", "nearly an IPv4"),
      ("https://2130706433/", "nearly an IPv4"), ("https://0x7f.0x1/", "nearly an IPv4"),
      ("https://1.2.3.256/", "nearly an IPv4"), ("https://a.example/" + String(repeating: "a", count: 2048), "longer"),
    ])
  func bad(_ text: String, reason: String) {
    #expect { try SubscriberURL(text) } throws: { ($0 as? SubscriberURL.Invalid)?.reason.contains(reason) == true }
  }

  @Test(
    "plain http to this machine and to private networks is local",
    arguments: [
      "http://localhost", "http://127.8.9.10", "http://[::1]", "http://10.1.2.3", "http://172.31.0.1",
      "http://192.168.0.1", "http://[fd00::1]", "http://moderation", "http://a.b.svc", "http://a.svc.cluster.local",
      "http://a.internal", "http://printer.local.",
    ])
  func local(_ text: String) throws {
    #expect(try SubscriberURL(text).isLocal)
  }

  @Test(
    "all else is not", arguments: ["http://a.example", "http://8.8.8.8", "http://172.32.0.1", "http://[2001:db8::1]"])
  func remote(_ text: String) throws {
    #expect(try !SubscriberURL(text).isLocal)
  }

  @Test("plain http beyond the private network is a warning")
  func warning() throws {
    let fixture = try RoutesFixture(
      """
      version: 1
      apps: [{sdkappid: 1400000000, tokens: [t]}]
      subscribers:
        - {name: a, url: "http://a.example/", unsigned: true, events: ["*"]}
        - {name: b, url: "http://localhost:9101", unsigned: true, events: ["*"]}
      """)
    expect(fixture.problems(), are: ["4:20:warning: this URL is plain http beyond the private network; use https"])
  }
}
