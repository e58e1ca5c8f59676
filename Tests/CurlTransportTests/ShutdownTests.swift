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

  @Test("what is cut completes at once, on the wire and on its way there, and nothing else does")
  func cut() async throws {
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
      let (cut, others, group) = (Results(), Results(), RequestGroup())
      for number in 0..<20 {
        transport.send(Self.request(server.url("/\(number)"), group)) { cut.append($0) }
        transport.send(Self.request(server.url("/\(number)", host: "hung.test"), group)) { cut.append($0) }
        transport.send(Self.request(server.url("/\(number)"), RequestGroup())) { others.append($0) }
        transport.send(Self.request(server.url("/\(number)"))) { others.append($0) }
      }
      while server.requests.count < 60 { await Task.yield() }
      transport.cut(group)
      while cut.all.count < 40 { await Task.yield() }
      #expect(cut.all.allSatisfy { $0.outcome == .other && $0.error?.hasPrefix("broken off") == true })
      #expect(others.all.isEmpty)
      transport.shutdown()
      #expect((cut.all.count, others.all.count) == (40, 40))
      gate.open()
    }
  }

  private static func request(_ url: String, _ group: RequestGroup? = nil) -> OutboundRequest {
    let endpoint = Endpoint(
      url: url, timeout: .seconds(60), connectTimeout: .seconds(60), privateAddresses: .allow)
    var request = OutboundRequest(endpoint: endpoint, headers: [], body: [])
    request.group = group
    return request
  }

  private final class Results: Sendable {
    private let results = Mutex<[AttemptResult]>([])

    var all: [AttemptResult] { results.withLock { $0 } }

    func append(_ result: AttemptResult) { results.withLock { $0.append(result) } }
  }
}
