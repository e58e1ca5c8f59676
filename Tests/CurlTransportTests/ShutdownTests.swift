import CurlTransport
import GatewayCore
import Logging
import Synchronization
import Testing

@Suite struct ShutdownTests {
  @Test("shutdown completes everything under way, once, and what is sent later completes at once")
  func shutdown() async throws {
    let gate = Gate()
    let resolver = Resolver { (name) throws(LookupFailure) in
      gate.wait()
      return try loopbackLookup(name)
    }
    try await withServer { _ in
      []
    } _: { server in
      let transport = CurlTransport(
        userAgent: "Switchyard/test", threads: 2, logger: Logger(label: "test"), resolver: resolver)
      let results = Results()
      for number in 0..<50 {
        transport.send(Self.request(server.url("/\(number)"))) { results.append($0) }
        transport.send(Self.request(server.url("/\(number)", host: "hung.test"))) { results.append($0) }
      }
      while server.requests.count < 50 { await Task.yield() }
      transport.shutdown()
      #expect(results.all.count == 100)
      #expect(results.all.allSatisfy { $0.outcome == .other && $0.error == "the gateway is stopping" })
      transport.send(Self.request(server.url())) { results.append($0) }
      #expect(results.all.count == 101)
      #expect(results.all.last?.outcome == .other)
      transport.shutdown()
      #expect(results.all.count == 101)
      gate.open()
    }
  }

  private static func request(_ url: String) -> OutboundRequest {
    let endpoint = Endpoint(
      url: url, timeout: .seconds(60), connectTimeout: .seconds(60), privateAddresses: .allow)
    return OutboundRequest(endpoint: endpoint, headers: [], body: [])
  }

  private final class Results: Sendable {
    private let results = Mutex<[AttemptResult]>([])

    var all: [AttemptResult] { results.withLock { $0 } }

    func append(_ result: AttemptResult) { results.withLock { $0.append(result) } }
  }
}
