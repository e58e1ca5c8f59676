import CurlTransport
import Foundation
import GatewayCore
import NIOSSL
import Testing

@Suite struct TLSTests {
  @Test("a certificate by a trusted authority for the right host is accepted, and its connection kept")
  func trusted() async throws {
    try await withTLSServer { server, certificates in
      await withTransport(resolver: Self.resolver, environment: certificates.environment) { transport in
        for _ in 0..<3 {
          let result = await transport.post(server.url(scheme: "https", host: "good.test"))
          #expect(result.outcome == .success)
        }
      }
      #expect(server.connections == 1)
    }
  }

  @Test("a certificate by an authority that is not the system's is refused without SSL_CERT_FILE")
  func unknownIssuer() async throws {
    try await withTLSServer { server, _ in
      let result = await withTransport(resolver: Self.resolver) {
        await $0.post(server.url(scheme: "https", host: "good.test"))
      }
      #expect(result.outcome == .tls)
      #expect(result.error?.hasPrefix("the certificate is by an unknown issuer: ") == true)
      #expect(result.error?.hasSuffix(#"private one, give the subscriber "tls: {ca_file: …}""#) == true)
      #expect(server.requests.isEmpty)
    }
  }

  @Test("a certificate for another host is refused", arguments: ["bad.test", "127.0.0.1"])
  func wrongHost(host: String) async throws {
    try await withTLSServer { server, certificates in
      let result = await withTransport(resolver: Self.resolver, environment: certificates.environment) {
        await $0.post(server.url(scheme: "https", host: host))
      }
      #expect(result.outcome == .tls)
      #expect(result.error?.hasPrefix("the certificate is for another host: ") == true)
      #expect(server.requests.isEmpty)
    }
  }

  @Test("an expired certificate is refused")
  func expired() async throws {
    try await withTLSServer(expired: true) { server, certificates in
      let result = await withTransport(resolver: Self.resolver, environment: certificates.environment) {
        await $0.post(server.url(scheme: "https", host: "good.test"))
      }
      #expect(result.outcome == .tls)
      #expect(result.error == "the certificate has expired; its owner must renew it")
    }
  }

  @Test("each kind of failure is told apart also when one handle meets them in turn")
  func inTurn() async throws {
    try await withTLSServer { server, certificates in
      await withTransport(threads: 1, resolver: Self.resolver, environment: certificates.environment) { transport in
        for _ in 0..<2 {
          let bad = await transport.post(server.url(scheme: "https", host: "bad.test"))
          #expect(bad.error?.hasPrefix("the certificate is for another host: ") == true)
          #expect(await transport.post(server.url(scheme: "https", host: "good.test")).outcome == .success)
        }
      }
    }
  }

  @Test("a server that speaks at most TLS 1.1 is refused")
  func oldVersion() async throws {
    try await withTLSServer(maximumVersion: .tlsv11) { server, certificates in
      let result = await withTransport(resolver: Self.resolver, environment: certificates.environment) {
        await $0.post(server.url(scheme: "https", host: "good.test"))
      }
      #expect(result.outcome == .tls)
      #expect(result.error == "the server speaks no version of TLS from 1.2 on; it must be brought up to date")
    }
  }

  @Test("authorities that cannot be read are a tls failure")
  func unreadableAuthorities() async throws {
    try await withTLSServer { server, _ in
      let result = await withTransport(resolver: Self.resolver, environment: ["SSL_CERT_FILE": "/does/not/exist.pem"]) {
        await $0.post(server.url(scheme: "https", host: "good.test"))
      }
      #expect(result.outcome == .tls)
      #expect(result.error?.hasPrefix("the certificate authorities could not be read: ") == true)
    }
  }

  private static var resolver: Resolver { Resolver(lookup: loopbackLookup) }
}
