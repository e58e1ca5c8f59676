import CurlTransport
import GatewayCore
import Synchronization
import Testing

@Suite struct RequestTests {
  @Test("method, path, query, headers and body arrive as they were given, with no more than libcurl's usual headers")
  func headersAndBody() async throws {
    try await withServer { _ in
      [.answer("200 OK")]
    } _: { server in
      let result = await withTransport {
        await $0.post(
          server.url("/hooks/a%20b?x=1&y=%2F"), body: "{\"a\":\"\u{0}é\"}",
          headers: [
            ("Content-Type", "application/cloudevents+json; charset=utf-8"), ("webhook-id", "abc-0"),
            ("webhook-signature", "v1,AAAA v1,BBBB"), ("X-Empty", ""), ("X-Text", "a: b; c"),
          ])
      }
      #expect(result.outcome == .success)
      let request = try #require(server.requests.first)
      #expect(
        request.head == """
          POST /hooks/a%20b?x=1&y=%2F HTTP/1.1\r
          Host: 127.0.0.1:\(server.port)\r
          User-Agent: Switchyard/test\r
          Accept: */*\r
          Content-Type: application/cloudevents+json; charset=utf-8\r
          webhook-id: abc-0\r
          webhook-signature: v1,AAAA v1,BBBB\r
          X-Empty:\r
          X-Text: a: b; c\r
          Content-Length: 11
          """)
      #expect(request.body == Array("{\"a\":\"\u{0}é\"}".utf8))
    }
  }

  @Test("bodies of every size arrive whole", arguments: [0, 1, 16_384, 65_536, 1 << 20, 5 << 20])
  func bodySizes(count: Int) async throws {
    try await withServer { _ in
      [.answer("200 OK")]
    } _: { server in
      let body = String(repeating: "0123456789abcdef", count: count / 16 + 1).prefix(count)
      let result = await withTransport { await $0.post(server.url(), body: String(body)) }
      #expect(result.outcome == .success)
      let request = try #require(server.requests.first)
      #expect(request.body.elementsEqual(body.utf8))
      #expect(request.header("Content-Length") == "\(count)")
      #expect(request.header("Expect") == nil)
    }
  }

  @Test("a request's own User-Agent goes before the transport's, and no Content-Type is made up")
  func ownUserAgent() async throws {
    try await withServer { _ in
      [.answer("200 OK")]
    } _: { server in
      _ = await withTransport { await $0.post(server.url(), headers: [("User-Agent", "Own/1")]) }
      let request = try #require(server.requests.first)
      #expect(request.header("User-Agent") == "Own/1")
      #expect(request.header("Content-Type") == nil)
    }
  }

  @Test(
    "a header that would break out of its line is not sent",
    arguments: [("X-A", "b\r\nX-C: d"), ("X-A", "b\nX-C: d"), ("X-A\r\nX-C", "d"), ("X-A", "b\u{0}")])
  func headerWithLineBreak(name: String, value: String) async throws {
    try await withServer { _ in
      [.answer("200 OK")]
    } _: { server in
      let result = await withTransport { await $0.post(server.url(), headers: [(name, value)]) }
      #expect(result.outcome == .other)
      #expect(result.error == "a header holds a line break")
      #expect(server.connections == 0)
    }
  }

  @Test("a thousand requests at once each complete once, and each body arrives once")
  func thousandAtOnce() async throws {
    try await withServer { _ in
      [.answer("200 OK")]
    } _: { server in
      let outcomes = await withTransport { transport in
        await withTaskGroup(of: AttemptOutcome.self) { group in
          for number in 0..<1000 {
            group.addTask { await transport.post(server.url(), body: "body \(number)").outcome }
          }
          return await group.reduce(into: []) { $0.append($1) }
        }
      }
      #expect(outcomes.count == 1000)
      #expect(outcomes.allSatisfy { $0 == .success })
      #expect(server.requests.count == 1000)
      #expect(Set(server.requests.map(\.body)) == Set((0..<1000).map { Array("body \($0)".utf8) }))
    }
  }
}
