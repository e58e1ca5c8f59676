import CurlTransport
import GatewayCore
import Testing

@Suite("A request with a query and a wish for the answer")
struct ForwardingTests {
  @Test(
    "sends the query to the byte behind the URL's own",
    arguments: [
      ("/in", "a=1&a=2", "/in?a=1&a=2"),
      ("/in?x=1", "a=%2b+%2B&&b=&c", "/in?x=1&a=%2b+%2B&&b=&c"),
      ("/in?", "é=中&q=?/..;'\"<>[]{}|\\^`~", "/in?é=中&q=?/..;'\"<>[]{}|\\^`~"),
      ("", "a=1", "/?a=1"),
      ("/a/../b", "%zz=%", "/b?%zz=%"),
      ("/in?x=1", "", "/in?x=1"),
    ])
  func query(path: String, query: String, target: String) async throws {
    try await withServer { _ in
      [.answer("200 OK")]
    } _: { server in
      let result = await withTransport { await $0.post(server.url(path), query: query) }
      #expect(result.outcome == .success)
      #expect(server.requests.first?.path == target)
    }
  }

  @Test("escapes what would end a URL or a line, and nothing else")
  func escaped() async throws {
    try await withServer { _ in
      [.answer("200 OK")]
    } _: { server in
      let result = await withTransport {
        await $0.post(server.url("/in"), query: "a=#b c\td\r\nHost: other\u{0}\u{7F}%20")
      }
      #expect(result.outcome == .success)
      #expect(server.requests.first?.path == "/in?a=%23b%20c%09d%0D%0AHost:%20other%00%7F%20")
    }
  }

  @Test("sends a query as long as any that a callback can have")
  func longQuery() async throws {
    let query = "a=" + String(repeating: "0123456789", count: 6_553)
    try await withServer { _ in
      [.answer("200 OK")]
    } _: { server in
      let result = await withTransport { await $0.post(server.url("/in"), query: query) }
      #expect(result.outcome == .success)
      #expect(server.requests.first?.path == "/in?\(query)")
    }
  }

  @Test("gets the body with the status, chunked or not, without trailers")
  func answer() async throws {
    try await withServer { request in
      switch request.path {
      case "/plain": [.answer("200 OK", body: "{\"a\":1}")]
      case "/none": [.answer("204 No Content")]
      case "/error": [.answer("500 Oh", body: "oh")]
      default:
        [.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\n{\"a\r\n4\r\n\":1}\r\n0\r\nX-T: y\r\n\r\n")]
      }
    } _: { server in
      await withTransport(threads: 1) { transport in
        for (path, body) in [("/plain", "{\"a\":1}"), ("/chunked", "{\"a\":1}"), ("/none", ""), ("/error", "oh")] {
          let result = await transport.post(server.url(path), keepsAnswer: true)
          #expect(result.answer == AttemptResult.Answer(body: Array(body.utf8), isCut: false))
          // The handle of the last request is used again.
          let unasked = await transport.post(server.url(path))
          #expect(unasked.answer == (unasked.outcome == .success ? nil : result.answer))
        }
      }
    }
  }

  @Test("gets as much of a body as is read, and is told when that is not all", arguments: [65_535, 65_536, 65_537])
  func longAnswer(count: Int) async throws {
    try await withServer { _ in
      [.answer("200 OK", body: String(repeating: "x", count: count))]
    } _: { server in
      let result = await withTransport { await $0.post(server.url(), keepsAnswer: true) }
      #expect(result.outcome == .success)
      #expect(result.answer?.body.count == min(count, 65_536))
      #expect(result.answer?.isCut == (count > 65_536))
    }
  }

  @Test("gets no answer where none came")
  func noAnswer() async throws {
    let result = try await withServer { _ in
      [.close]
    } _: { server in
      await withTransport { await $0.post(server.url(), keepsAnswer: true) }
    }
    #expect(result.outcome == .connect)
    #expect(result.answer == nil)
  }
}
