import CurlTransport
import GatewayCore
import Testing

@Suite struct RefusalTests {
  @Test(
    "link-local, multicast, unspecified and broadcast addresses are always refused",
    arguments: [
      "http://169.254.169.254/latest/meta-data/", "http://0.0.0.0/", "http://224.0.0.1/", "http://255.255.255.255/",
      "http://[fe80::1]/", "http://[ff02::1]/", "http://[::]/", "http://[::ffff:169.254.169.254]/",
      "http://[64:ff9b::a9fe:a9fe]/", "http://2852039166/", "http://0xa9.0xfe.0xa9.0xfe/",
    ])
  func alwaysRefused(url: String) async throws {
    let result = await withTransport { await $0.post(url, timeout: .seconds(5)) }
    #expect(result.outcome == .blocked)
    #expect(result.error?.contains("always refused") == true)
  }

  @Test("with private addresses denied loopback is refused, by address and by name, and nothing is dialled")
  func privateDenied() async throws {
    try await withServer { _ in
      [.answer("200 OK")]
    } _: { server in
      await withTransport { transport in
        for host in ["127.0.0.1", "localhost", "127.1", "[::ffff:127.0.0.1]", "[::1]"] {
          let result = await transport.post(server.url(host: host), privateAddresses: .deny)
          #expect(result.outcome == .blocked)
        }
        #expect(server.connections == 0)
      }
    }
  }

  @Test("a connection that another subscriber opened is not used by one whose addresses are denied")
  func keptConnectionDenied() async throws {
    try await withServer { _ in
      [.answer("200 OK")]
    } _: { server in
      await withTransport { transport in
        #expect(await transport.post(server.url()).outcome == .success)
        #expect(await transport.post(server.url(), privateAddresses: .deny).outcome == .blocked)
        #expect(await transport.post(server.url()).outcome == .success)
      }
      #expect(server.requests.count == 2)
    }
  }

  @Test(
    "the gateway's own doors are refused, however they are named",
    arguments: ["127.0.0.1", "0.0.0.0", "::", "gateway.example"])
  func ownDoors(address: String) async throws {
    try await withServer { _ in
      [.answer("200 OK")]
    } _: { server in
      await withTransport { transport in
        #expect(await transport.post(server.url()).outcome == .success)
        transport.refuse(doors: [(address, server.port)])
        let result = await transport.post(server.url())
        #expect(result.outcome == .blocked)
        #expect(result.error == "127.0.0.1 port \(server.port) is a door of this gateway itself")
        transport.refuse(doors: [(address, server.port ^ 1)])
        #expect(await transport.post(server.url()).outcome == .success)
      }
    }
  }

  @Test("a name with a refused address and a good one is reached at the good one")
  func oneOfTwo() async throws {
    try await withServer { _ in
      [.answer("200 OK")]
    } _: { server in
      let result = await withTransport(resolver: Self.linkLocalFirst) { await $0.post(server.url(host: "two.test")) }
      #expect(result.outcome == .success)
    }
  }

  @Test("a name with a refused address and one that is down is down, not blocked")
  func refusedAndDown() async throws {
    let port = try await unusedPort()
    let result = await withTransport(resolver: Self.linkLocalFirst) { await $0.post("http://two.test:\(port)/") }
    #expect(result.outcome == .connect)
  }

  private static var linkLocalFirst: Resolver {
    Resolver { (_) throws(LookupFailure) in ["169.254.1.1", "127.0.0.1"].compactMap { IPAddress($0) } }
  }
}
