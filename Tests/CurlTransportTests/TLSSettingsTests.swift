import CurlTransport
import GatewayCore
import NIOSSL
import Testing

@Suite("TLS settings of a subscriber") struct TLSSettingsTests {
  @Test("its authorities replace the system's: those that it names are trusted")
  func privateAuthority() async throws {
    try await withTLSServer { server, certificates in
      let tls = TLSSettings(authorities: try certificates.authorityBytes, identity: nil)
      await withTransport(resolver: Self.resolver) { transport in
        for _ in 0..<3 {
          let result = await transport.post(server.url(scheme: "https", host: "good.test"), tls: tls)
          #expect(result.outcome == .success, "\(result)")
        }
      }
      #expect(server.connections == 1, "its connection is kept")
    }
  }

  @Test("its authorities replace the system's: those that it does not name are not trusted")
  func otherAuthority() async throws {
    let other = try TestCertificates(host: "other.test")
    defer { other.remove() }
    try await withTLSServer { server, certificates in
      let tls = TLSSettings(authorities: try other.authorityBytes, identity: nil)
      let url = server.url(scheme: "https", host: "good.test")
      await withTransport(threads: 1, resolver: Self.resolver, environment: certificates.environment) { transport in
        #expect(await transport.post(url).outcome == .success)
        let result = await transport.post(url, tls: tls)
        #expect(result.outcome == .tls, "the connection that others may use is not its")
        #expect(result.error?.hasPrefix("the certificate is by an unknown issuer: ") == true)
        #expect(result.error?.hasSuffix(#"an authority in "ca_file", which replaces the system's"#) == true)
      }
      #expect(server.requests.count == 1)
    }
  }

  @Test("different identities to one host never share a connection", arguments: [TLSVersion.tlsv12, .tlsv13])
  func identities(version: TLSVersion) async throws {
    try await withTLSServer(minimumVersion: version, maximumVersion: version, demandsClient: true) {
      server, certificates in
      let clients = try ["one", "two", "three"].map { try certificates.client($0) }
      await withTransport(threads: 1, resolver: Self.resolver, environment: certificates.environment) { transport in
        for _ in 0..<3 {
          for client in clients {
            let tls = TLSSettings(authorities: nil, identity: client.identity)
            let result = await transport.post(server.url(scheme: "https", host: "good.test"), tls: tls)
            #expect(result.outcome == .success, "\(result)")
          }
        }
      }
      let seen = server.requests.map(\.client)
      #expect(seen == (0..<3).flatMap { _ in clients.map(\.certificate) })
      #expect(server.connections == clients.count, "each keeps its own")
    }
  }

  @Test("nothing without an identity goes over the connection of one")
  func noIdentity() async throws {
    try await withTLSServer(demandsClient: true) { server, certificates in
      let client = try certificates.client("one")
      let url = server.url(scheme: "https", host: "good.test")
      await withTransport(threads: 1, resolver: Self.resolver, environment: certificates.environment) { transport in
        let tls = TLSSettings(authorities: nil, identity: client.identity)
        #expect(await transport.post(url, tls: tls).outcome == .success)
        #expect(await transport.post(url).outcome != .success)
        #expect(await transport.post(url, tls: tls).outcome == .success)
      }
      #expect(server.requests.map(\.client) == [client.certificate, client.certificate])
    }
  }

  private static var resolver: Resolver { Resolver(lookup: loopbackLookup) }
}
