import CurlTransport
import GatewayCore
import Logging
import NIOSSL

/// Runs a test with a transport of its own, which is shut down afterwards.
func withTransport<Result>(
  threads: Int = 2, resolver: Resolver = Resolver(), connectionLifetime: Duration = .seconds(300),
  environment: [String: String] = [:],
  _ body: (CurlTransport) async throws -> Result
) async rethrows -> Result {
  let transport = CurlTransport(
    userAgent: "Switchyard/test", threads: threads, logger: Logger(label: "test"), resolver: resolver,
    connectionLifetime: connectionLifetime, environment: environment)
  defer { transport.shutdown() }
  return try await body(transport)
}

/// Runs a test with a server, which is stopped afterwards.
func withServer<Result>(
  tls: NIOSSLContext? = nil, takesBodies: Bool = true, opening: [LoopbackServer.Step] = [],
  _ answer: @escaping LoopbackServer.Answer, _ body: (LoopbackServer) async throws -> Result
) async throws -> Result {
  let server = try await LoopbackServer(tls: tls, takesBodies: takesBodies, opening: opening, answer: answer)
  do {
    let result = try await body(server)
    await server.stop()
    return result
  } catch {
    await server.stop()
    throw error
  }
}

extension CurlTransport {
  /// Sends and waits for the completion; a second one would end the test process.
  func post(
    _ url: String, body: String = "{}",
    headers: [(name: String, value: String)] = [("Content-Type", "application/json")],
    timeout: Duration = .seconds(30), connectTimeout: Duration = .seconds(10),
    privateAddresses: Endpoint.PrivateAddresses = .allow, tls: TLSSettings? = nil,
    query: String? = nil, keepsAnswer: Bool = false
  ) async -> AttemptResult {
    let endpoint = Endpoint(
      url: url, timeout: timeout, connectTimeout: connectTimeout, privateAddresses: privateAddresses, tls: tls)
    var request = OutboundRequest(endpoint: endpoint, headers: headers, body: Array(body.utf8))
    request.query = query
    request.keepsAnswer = keepsAnswer
    return await withCheckedContinuation { continuation in
      send(request) { continuation.resume(returning: $0) }
    }
  }
}

/// A port on which nothing listens: one that was just free.
func unusedPort() async throws -> Int {
  let server = try await LoopbackServer { _ in [] }
  await server.stop()
  return server.port
}

/// Names of the `test` domain are this machine.
let loopbackLookup: Resolver.Lookup = { (name) throws(LookupFailure) in
  guard name.hasSuffix(".test"), let loopback = IPAddress("127.0.0.1") else { throw LookupFailure(reason: "unknown") }
  return [loopback]
}
