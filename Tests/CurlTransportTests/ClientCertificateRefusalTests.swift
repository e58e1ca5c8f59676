import CurlTransport
import GatewayCore
import NIOSSL
import Testing

@Suite("A server that demands a client certificate") struct ClientCertificateRefusalTests {
  @Test("gets none by TLS 1.3")
  func noneNew() async throws {
    let result = try await refusal(version: .tlsv13) { _ in nil }
    #expect(result.outcome == .tls, "\(result)")
    #expect(
      result.error
        == #"the server demands a client certificate; give the subscriber "tls: {certificate_file: …, key_file: …}""#)
  }

  @Test("gets none by TLS 1.2, which has no alert of its own for that")
  func noneOld() async throws {
    let result = try await refusal(version: .tlsv12) { _ in nil }
    #expect(result.outcome == .tls, "\(result)")
    #expect(result.error?.contains("if it demands a client certificate, add ") == true, "\(result)")
  }

  @Test("gets one by an authority that it does not know", arguments: [TLSVersion.tlsv12, .tlsv13])
  func untrusted(version: TLSVersion) async throws {
    let strangers = try TestCertificates(host: "stranger.test")
    defer { strangers.remove() }
    let result = try await refusal(version: version) { _ in try strangers.client("stranger") }
    #expect(result.outcome == .tls, "\(result)")
    #expect(
      result.error == "the server does not know the authority of the client certificate; it must be told of it")
  }

  @Test("gets one that has expired", arguments: [TLSVersion.tlsv12, .tlsv13])
  func expired(version: TLSVersion) async throws {
    let result = try await refusal(version: version) { try $0.client("late", expired: true) }
    #expect(result.outcome == .tls, "\(result)")
    #expect(result.error == #"the server says that the client certificate has expired; renew "certificate_file""#)
  }

  private func refusal(
    version: TLSVersion, client: (TestCertificates) throws -> TestCertificates.Client?
  ) async throws -> AttemptResult {
    var results: [AttemptResult] = []
    try await withTLSServer(minimumVersion: version, maximumVersion: version, demandsClient: true) {
      server, certificates in
      let tls = TLSSettings(
        authorities: try certificates.authorityBytes, identity: try client(certificates)?.identity)
      results.append(
        await withTransport(resolver: Resolver(lookup: loopbackLookup)) {
          await $0.post(server.url(scheme: "https", host: "good.test"), tls: tls)
        })
      #expect(server.requests.isEmpty)
    }
    return try #require(results.first)
  }
}
