import NIOSSL

/// Runs a test with a TLS server for `good.test` and the certificates that it uses, both of which go afterwards.
///
/// - Parameter demandsClient: Whether it demands a client certificate by the same authority.
func withTLSServer(
  expired: Bool = false, minimumVersion: TLSVersion = .tlsv1, maximumVersion: TLSVersion? = nil,
  demandsClient: Bool = false, _ body: (LoopbackServer, TestCertificates) async throws -> Void
) async throws {
  let certificates = try TestCertificates(host: "good.test", expired: expired)
  defer { certificates.remove() }
  var configuration = TLSConfiguration.makeServerConfiguration(
    certificateChain: try NIOSSLCertificate.fromPEMFile(certificates.certificate).map { .certificate($0) },
    privateKey: .privateKey(try NIOSSLPrivateKey(file: certificates.key, format: .pem)))
  configuration.minimumTLSVersion = minimumVersion
  configuration.maximumTLSVersion = maximumVersion
  if demandsClient {
    configuration.certificateVerification = .noHostnameVerification
    configuration.trustRoots = .file(certificates.authority)
  }
  let server = try await LoopbackServer(tls: NIOSSLContext(configuration: configuration)) { _ in [.answer("200 OK")] }
  do {
    try await body(server, certificates)
  } catch {
    await server.stop()
    throw error
  }
  await server.stop()
}
