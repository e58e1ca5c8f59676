import CurlTransport
import GatewayCore
import Synchronization
import Testing

@Suite struct ConnectionTests {
  @Test("a hundred requests, four at a time, use at most four connections")
  func keptAlive() async throws {
    try await withServer { _ in
      [.answer("200 OK", body: "thanks")]
    } _: { server in
      await withTransport { transport in
        await withTaskGroup(of: Void.self) { group in
          for _ in 0..<4 {
            group.addTask {
              for _ in 0..<25 { #expect(await transport.post(server.url()).outcome == .success) }
            }
          }
        }
      }
      #expect(server.requests.count == 100)
      #expect((1...4).contains(server.connections))
    }
  }

  @Test("a kept connection that dies before the answer is replaced and the request sent again")
  func keptConnectionDies() async throws {
    try await withServer { request in
      request.index == 0 ? [.answer("200 OK")] : [.close]
    } _: { server in
      await withTransport { transport in
        #expect(await transport.post(server.url()).outcome == .success)
        #expect(await transport.post(server.url(), body: "again").outcome == .success)
      }
      #expect(server.connections == 2)
      #expect(server.requests.last?.body == Array("again".utf8))
    }
  }

  @Test("an answer with Connection: close is complete, and the next request has a new connection")
  func closedByServer() async throws {
    try await withServer { _ in
      [.answer("200 OK", headers: "Connection: close\r\n"), .close]
    } _: { server in
      await withTransport { transport in
        for _ in 0..<3 { #expect(await transport.post(server.url()).outcome == .success) }
      }
      #expect(server.connections == 3)
    }
  }

  @Test("when a name's addresses have changed, new connections go to the new ones")
  func addressesChange() async throws {
    let first = try await LoopbackServer(host: "127.0.0.1") { _ in [.answer("200 OK"), .close] }
    let second = try await LoopbackServer(host: "127.0.0.2", port: first.port) { _ in [.answer("200 OK"), .close] }
    let current = Mutex(["127.0.0.1"])
    let resolver = Resolver(addressesLifetime: .zero) { (_) throws(LookupFailure) in
      current.withLock { $0.compactMap { IPAddress($0) } }
    }
    await withTransport(resolver: resolver) { transport in
      #expect(await transport.post(first.url(host: "moving.test")).outcome == .success)
      current.withLock { $0 = ["127.0.0.2"] }
      #expect(await transport.post(first.url(host: "moving.test")).outcome == .success)
    }
    #expect(first.requests.count == 1)
    #expect(second.requests.count == 1)
    #expect(second.requests.first?.header("Host") == "moving.test:\(first.port)")
    await first.stop()
    await second.stop()
  }

  @Test("of several addresses the next is tried when one is down")
  func nextAddress() async throws {
    let server = try await LoopbackServer(host: "127.0.0.2") { _ in [.answer("200 OK")] }
    let resolver = Resolver { (_) throws(LookupFailure) in
      ["127.0.0.3", "::1", "127.0.0.2"].compactMap { IPAddress($0) }
    }
    let result = await withTransport(resolver: resolver) { await $0.post(server.url(host: "several.test")) }
    await server.stop()
    #expect(result.outcome == .success)
  }
}
