import CurlTransport
import GatewayCore
import Testing

@Suite struct OutcomeTests {
  @Test(
    "the status of a complete answer is the outcome",
    arguments: [
      ("200 OK", AttemptOutcome.success), ("201 Created", .success), ("204 No Content", .success),
      ("299 Odd", .success), ("300 Multiple Choices", .http3xx), ("304 Not Modified", .http3xx),
      ("400 Bad Request", .http4xx), ("404 Not Found", .http4xx), ("410 Gone", .http4xx),
      ("429 Too Many Requests", .http4xx), ("500 Internal Server Error", .http5xx), ("503 Unavailable", .http5xx),
      ("599 Odd", .http5xx), ("600 Odd", .other), ("999 Odd", .other),
    ])
  func statuses(line: String, outcome: AttemptOutcome) async throws {
    let result = try await withServer { _ in
      [.answer(line)]
    } _: { server in
      await withTransport { await $0.post(server.url()) }
    }
    #expect(result.outcome == outcome)
    #expect(result.status == Int(line.prefix(3)))
    #expect((result.error == nil) == (outcome == .success))
    if let error = result.error { #expect(error.contains(line.prefix(3))) }
  }

  @Test("a redirect is an outcome and is not followed")
  func redirect() async throws {
    try await withServer { request in
      request.path == "/from" ? [.answer("307 Temporary Redirect", headers: "Location: /to\r\n")] : [.answer("200 OK")]
    } _: { server in
      let result = await withTransport { await $0.post(server.url("/from")) }
      #expect(result.outcome == .http3xx)
      #expect(result.status == 307)
      #expect(server.requests.map(\.path) == ["/from"])
    }
  }

  @Test("Retry-After is what this answer says, in seconds or as a date, and nothing that an earlier one said")
  func retryAfter() async throws {
    let answers: [(header: String, wait: Duration?)] = [
      ("Retry-After: 7\r\n", .seconds(7)), ("", nil), ("retry-after:  120 \r\n", .seconds(120)), ("", nil),
      ("Retry-After: soon\r\n", nil), ("Retry-After: 99999999999\r\n", .seconds(365 * 86_400)),
      ("Retry-After: Wed, 21 Oct 2015 07:28:00 GMT\r\n", nil), ("Retry-After: -5\r\n", nil),
    ]
    try await withServer { request in
      [.answer("503 Service Unavailable", headers: answers[Int(request.path.dropFirst()) ?? 0].header)]
    } _: { server in
      await withTransport(threads: 1) { transport in
        for (index, answer) in answers.enumerated() {
          #expect(await transport.post(server.url("/\(index)")).retryAfter == answer.wait, "\(answer.header)")
        }
      }
    }
    try await withServer { _ in
      [.answer("429 Too Many Requests", headers: "Retry-After: Fri, 31 Dec 2999 23:59:59 GMT\r\n")]
    } _: { server in
      let wait = await withTransport { await $0.post(server.url()) }.retryAfter
      #expect(wait == .seconds(365 * 86_400))
    }
  }

  @Test("an interim answer is passed over for the final one")
  func interimAnswer() async throws {
    let result = try await withServer { _ in
      [.write("HTTP/1.1 103 Early Hints\r\nLink: <x>\r\n\r\n"), .answer("200 OK")]
    } _: { server in
      await withTransport { await $0.post(server.url()) }
    }
    #expect(result.outcome == .success)
    #expect(result.status == 200)
  }

  @Test("a port on which nothing listens is a connect failure that says so")
  func refusedPort() async throws {
    let port = try await unusedPort()
    let result = await withTransport { await $0.post("http://127.0.0.1:\(port)/") }
    #expect(result.outcome == .connect)
    #expect(result.status == nil)
    #expect(result.error == "could not connect: Connection refused")
  }

  @Test("a name that does not exist is a dns failure")
  func unknownName() async throws {
    let result = await withTransport { await $0.post("http://does-not-exist.invalid/") }
    #expect(result.outcome == .dns)
    #expect(result.error?.contains("does-not-exist.invalid") == true)
  }

  @Test("the name localhost is looked up and reached")
  func localhost() async throws {
    let result = try await withServer { _ in
      [.answer("200 OK")]
    } _: { server in
      await withTransport { await $0.post(server.url(host: "localhost")) }
    }
    #expect(result.outcome == .success)
  }

  @Test("an IPv6 address in brackets is reached")
  func version6() async throws {
    let server = try await LoopbackServer(host: "::1") { _ in [.answer("200 OK")] }
    let result = await withTransport { await $0.post(server.url(host: "[::1]")) }
    await server.stop()
    #expect(result.outcome == .success)
  }

  @Test(
    "what is not an absolute http or https URL is refused before anything is dialled",
    arguments: [
      "", "/hooks", "ftp://127.0.0.1/", "file:///etc/passwd", "http://", "gopher://127.0.0.1:1/", "localhost:80",
    ])
  func badURL(url: String) async {
    let result = await withTransport { await $0.post(url) }
    #expect(result.outcome == .other)
    #expect(result.error == "the URL is not an absolute http or https URL")
  }

  @Test("a connection that breaks in the middle of a 2xx is a connect failure with the status")
  func breaksInBody() async throws {
    let result = try await withServer { _ in
      [.write("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf"), .close]
    } _: { server in
      await withTransport { await $0.post(server.url()) }
    }
    #expect(result.outcome == .connect)
    #expect(result.status == 200)
  }

  @Test("a connection that breaks in the middle of a 503 is a 503")
  func breaksInErrorBody() async throws {
    let result = try await withServer { _ in
      [.write("HTTP/1.1 503 Unavailable\r\nContent-Length: 100\r\n\r\nhalf"), .close]
    } _: { server in
      await withTransport { await $0.post(server.url()) }
    }
    #expect(result.outcome == .http5xx)
    #expect(result.status == 503)
  }

  @Test("a connection that closes without an answer is a connect failure")
  func closesAtOnce() async throws {
    let result = try await withServer { _ in
      [.close]
    } _: { server in
      await withTransport { await $0.post(server.url()) }
    }
    #expect(result.outcome == .connect)
    #expect(result.status == nil)
  }

  @Test("an answer that is not HTTP is other", arguments: ["SSH-2.0-OpenSSH_9.2\r\n", "hello\r\n\r\n"])
  func notHTTP(greeting: String) async throws {
    let result = try await withServer { _ in
      [.write(greeting), .close]
    } _: { server in
      await withTransport { await $0.post(server.url()) }
    }
    #expect(result.outcome == .other)
    #expect(result.error != nil)
  }
}
