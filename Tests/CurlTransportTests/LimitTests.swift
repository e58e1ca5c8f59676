import CurlTransport
import GatewayCore
import Synchronization
import Testing

@Suite struct LimitTests {
  private static let short = Duration.milliseconds(300)

  @Test("a server that does not answer is a timeout")
  func noAnswer() async throws {
    let result = try await withServer { _ in
      []
    } _: { server in
      await withTransport { await $0.post(server.url(), timeout: Self.short) }
    }
    #expect(result.outcome == .timeout)
    #expect(result.status == nil)
    #expect(result.error == "no complete answer within 300ms")
    #expect(result.duration >= Self.short)
  }

  @Test("a timeout of a thousand years is one too")
  func veryLongTimeout() async throws {
    let years = Duration.seconds(1000 * 365 * 86_400)
    let result = try await withServer { _ in
      [.answer("200 OK")]
    } _: { server in
      await withTransport { await $0.post(server.url(host: "localhost"), timeout: years, connectTimeout: years) }
    }
    #expect(result.outcome == .success)
  }

  @Test("a 2xx whose body stalls is a timeout with the status")
  func stalledBody() async throws {
    let result = try await withServer { _ in
      [.write("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf")]
    } _: { server in
      await withTransport { await $0.post(server.url(), timeout: Self.short) }
    }
    #expect(result.outcome == .timeout)
    #expect(result.status == 200)
  }

  @Test("a 404 whose body stalls is a 404 at the timeout")
  func stalledErrorBody() async throws {
    let result = try await withServer { _ in
      [.write("HTTP/1.1 404 Not Found\r\nContent-Length: 10\r\n\r\nhalf")]
    } _: { server in
      await withTransport { await $0.post(server.url(), timeout: Self.short) }
    }
    #expect(result.outcome == .http4xx)
    #expect(result.status == 404)
  }

  @Test("a body at the limit is read and the connection kept; a longer one is cut; both are judged by the status")
  func bodyLimit() async throws {
    let atLimit = String(repeating: "x", count: 64 << 10)
    try await withServer { request in
      switch request.path {
      case "/at": [.answer("200 OK", body: atLimit)]
      case "/beyond": [.answer("200 OK", body: atLimit + "x")]
      default: [.answer("500 Internal Server Error", body: atLimit + "x")]
      }
    } _: { server in
      await withTransport(threads: 1) { transport in
        for (path, outcome, connections) in [
          ("/at", AttemptOutcome.success, 1), ("/at", .success, 1), ("/beyond", .success, 1), ("/at", .success, 2),
          ("/error", .http5xx, 2), ("/at", .success, 3),
        ] {
          let result = await transport.post(server.url(path))
          #expect(result.outcome == outcome)
          #expect(server.connections == connections)
        }
      }
    }
  }

  @Test("a body without end is cut and judged by the status", arguments: ["200 OK", "500 Oh"])
  func endlessBody(line: String) async throws {
    let result = try await withServer { _ in
      [.write("HTTP/1.1 \(line)\r\n\r\n"), .writeForEver(String(repeating: "x", count: 10_000))]
    } _: { server in
      await withTransport { await $0.post(server.url()) }
    }
    #expect(result.outcome == (line.hasPrefix("2") ? .success : .http5xx))
  }

  @Test("a head without end is given up")
  func endlessHead() async throws {
    let result = try await withServer { _ in
      [.write("HTTP/1.1 200 OK\r\n"), .writeForEver("X-Filler: \(String(repeating: "x", count: 1000))\r\n")]
    } _: { server in
      await withTransport { await $0.post(server.url()) }
    }
    #expect(result.outcome == .other)
    #expect(result.error == "the head of the answer is longer than 64 KiB")
  }

  @Test("interim answers without end are given up")
  func endlessInterimAnswers() async throws {
    let result = try await withServer { _ in
      [.writeForEver("HTTP/1.1 103 Early Hints\r\nLink: <\(String(repeating: "x", count: 500))>\r\n\r\n")]
    } _: { server in
      await withTransport { await $0.post(server.url()) }
    }
    #expect(result.outcome == .other)
  }

  @Test("a TLS handshake that does not end is a connect failure at the connect timeout")
  func stalledHandshake() async throws {
    let result = try await withServer { _ in
      []
    } _: { server in
      await withTransport { await $0.post(server.url(scheme: "https"), connectTimeout: Self.short) }
    }
    #expect(result.outcome == .connect)
    #expect(result.error == "no connection within 300ms")
  }

  @Test("a lookup that hangs is a dns failure at the connect timeout and does not hold up other names")
  func hungLookup() async throws {
    let gate = Gate()
    let resolver = Resolver(threads: 2) { (name) throws(LookupFailure) in
      if name == "hung.test" { gate.wait() }
      return try loopbackLookup(name)
    }
    try await withServer { _ in
      [.answer("200 OK")]
    } _: { server in
      await withTransport(resolver: resolver) { transport in
        async let hung = transport.post(server.url(host: "hung.test"), connectTimeout: Self.short)
        let other = await transport.post(server.url(host: "other.test"))
        #expect(other.outcome == .success)
        let result = await hung
        #expect(result.outcome == .dns)
        #expect(result.error == "the name's addresses were not found within 300ms")
        // Once the lookup is through, the name works.
        gate.open()
        let after = await transport.post(server.url(host: "hung.test"))
        #expect(after.outcome == .success)
      }
    }
  }
}
