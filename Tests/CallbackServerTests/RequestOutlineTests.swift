import CallbackServer
import GatewayCore
import NIOHTTP1
import Testing

@Suite("A request's outline")
struct RequestOutlineTests {
  private func outline(
    _ uri: String = "/callback", fields: [(String, String)] = [], version: HTTPVersion = .http1_1
  ) -> RequestOutline {
    RequestOutline(HTTPRequestHead(version: version, method: .POST, uri: uri, headers: HTTPHeaders(fields)))
  }

  @Test(
    "splits the target at its first question mark and leaves escapes alone",
    arguments: [
      ("/callback", "/callback", ""), ("/callback?a=b?c", "/callback", "a=b?c"), ("/call%62ack/?", "/call%62ack/", ""),
      ("http://host/callback?a=b", "/callback", "a=b"), ("http://host?a=/b", "/", "a=/b"), ("*", "*", ""),
    ])
  func target(uri: String, path: String, query: String) {
    let outline = outline(uri)
    #expect(String(outline.path) == path)
    #expect(String(outline.query) == query)
  }

  @Test("finds the fields that matter in any case")
  func fields() {
    let outline = outline(fields: [
      ("content-LENGTH", "12"), ("EXPECT", "100-Continue"), ("X-Forwarded-For", "a"), ("x-forwarded-for", "b"),
    ])
    #expect(outline.declaredLength == 12)
    #expect(outline.expectsContinue)
    #expect(outline.forwardedFor == ["a", "b"])
    #expect(outline.hasBody)
    #expect(outline.keepsAlive)
  }

  @Test("counts the head as it was written")
  func headSize() {
    let written = "POST /callback?a=b HTTP/1.1\r\nHost: gateway\r\nContent-Length: 12\r\n\r\n"
    let outline = outline("/callback?a=b", fields: [("Host", "gateway"), ("Content-Length", "12")])
    #expect(outline.headSize == written.utf8.count)
  }

  @Test("ends the connection after a request for another protocol, and after HTTP/1.0 without a wish")
  func endings() {
    #expect(!outline(fields: [("Upgrade", "h2c")]).keepsAlive)
    #expect(!outline(version: .http1_0).keepsAlive)
    #expect(outline(fields: [("Connection", "keep-alive")], version: .http1_0).keepsAlive)
    #expect(!outline(fields: [("Connection", "close")]).keepsAlive)
  }

  @Test("finds the gateways that have sent it on, in one field or several, beside another of that length")
  func via() {
    let outline = outline(fields: [
      ("switchyard-via", "a, b"), ("Content-Length", "12"), ("SWITCHYARD-VIA", "c"), ("switchyard-vim", "d"),
      ("some-other-hdr", "e"),
    ])
    #expect(outline.via.text == "a,b,c")
    #expect(outline.declaredLength == 12)
  }

  private static let valid = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"

  @Test(
    "passes on a valid traceparent and no other",
    arguments: [
      ([valid], valid),
      ([valid, valid], nil),
      (["00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01"], nil),
      (["00-00000000000000000000000000000000-b7ad6b7169203331-01"], nil),
      (["00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01"], nil),
      (["01-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"], nil),
      (["00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-x"], nil),
      (["00_0af7651916cd43dd8448eb211c80319c_b7ad6b7169203331_01"], nil),
      ([""], nil),
    ] as [([String], String?)])
  func traceparent(values: [String], expected: String?) {
    #expect(outline(fields: values.map { ("traceparent", $0) }).traceparent == expected)
  }
}
