import Testing

@testable import AdminServer

@Suite("A Host or Origin")
struct AuthorityTests {
  @Test(
    "names this machine",
    arguments: [
      "localhost", "LOCALHOST:80", "127.0.0.1", "127.255.255.254:8090", "[::1]", "[::1]:8090", "[0:0:0:0:0:0:0:1]",
      "[::ffff:127.0.0.1]",
    ])
  func loopback(text: String) throws {
    #expect(try #require(Authority(text)).isLoopback)
    #expect(try #require(Authority(origin: "http://" + text)).isLoopback)
  }

  @Test(
    "names another, or nothing at all",
    arguments: [
      "", ":80", "example.com", "localhost.", "localhost.example", "xlocalhost", "128.0.0.1", "127.1", "2130706433",
      "::1", "::1:80", "[::2]", "[::1", "[::1]x", "[::1]:x", "localhost:80x", "[localhost]", "localhost@evil.example",
      "evil.example:80@localhost", "127.0.0.1/", "localhost evil",
    ])
  func foreign(text: String) {
    #expect(Authority(text)?.isLoopback != true)
    #expect(Authority(origin: "https://" + text)?.isLoopback != true)
  }

  @Test("an origin is a scheme of the web and no more", arguments: ["null", "localhost", "file://", "ftp://localhost"])
  func origin(text: String) {
    #expect(Authority(origin: text) == nil)
  }
}
