import CurlTransport
import GatewayCore
import Logging
import OpenSSLSigner
import TencentChat
import Testing

@testable import ChatSimulator

@Suite("The simulator")
struct ChatSimulatorTests {
  private let observer = RecordingObserver()
  private let callbacks = RecordingTransport()

  /// Runs a simulator on a port of its own for as long as `body` takes, and waits until it has ended.
  private func simulate(
    _ chat: Chat = Chat(), limits: SimulatorLimits = SimulatorLimits(),
    _ change: (inout CallbackSettings) -> Void = { _ in },
    _ body: @Sendable (_ url: String, ChatSimulator) async throws -> Void
  ) async throws {
    var settings = CallbackSettings(target: .standard)
    change(&settings)
    var configuration = SimulatorConfiguration(host: "127.0.0.1", port: 0)
    configuration.limits = limits
    let (ports, opened) = AsyncStream.makeStream(of: Int.self)
    let simulator = ChatSimulator(
      configuration: configuration, endpoint: chat.endpoint, callbacks: settings, transport: callbacks,
      digest: OpenSSLDigest(), observer: observer, logger: Logger(label: "test"),
      onListening: { opened.yield($0) })
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask {
        defer { opened.finish() }
        try await simulator.run()
      }
      for await port in ports {
        try await body("http://127.0.0.1:\(port)", simulator)
        await simulator.stop()
      }
      try await group.waitForAll()
    }
  }

  /// Posts over a real connection; returns the status and the body.
  private func post(_ url: String, query: String = Chat.query, _ body: [UInt8]) async -> (Int?, String) {
    let transport = CurlTransport(userAgent: "test", threads: 1, logger: Logger(label: "test"))
    defer { transport.shutdown() }
    let endpoint = Endpoint(
      url: url, timeout: .seconds(20), connectTimeout: .seconds(20), privateAddresses: .allow)
    var request = OutboundRequest(endpoint: endpoint, headers: [("Content-Type", "application/json")], body: body)
    request.query = query
    request.keepsAnswer = true
    let result = await withCheckedContinuation { continuation in
      transport.send(request) { continuation.resume(returning: $0) }
    }
    return (result.status, String(decoding: result.answer?.body ?? [], as: UTF8.self))
  }

  @Test("answers the document's request with the document's response, and posts the callback of what has succeeded")
  func document() async throws {
    let sample = try RESTSample("black_list_add")
    var graph = RelationshipGraph()
    graph.seedBlocked("id2", of: "id")
    graph.accounts.addForeign("id3")
    try await simulate(Chat(graph: graph)) { url, _ in
      let (status, body) = await post("\(url)/v4/sns/black_list_add", Array(sample.request.utf8))
      #expect(status == 200)
      #expect(body == sample.response)
    }
    #expect(
      callbacks.bodies == [
        #"{"CallbackCommand":"Sns.CallbackBlackListAdd","PairList":[{"From_Account":"id","To_Account":"id1"}]}"#
      ])
    #expect(callbacks.requests.first?.query?.contains("&ClientIP=127.0.0.1&") == true)
  }

  @Test("answers what is no call with 200 and an error too")
  func errors() async throws {
    try await simulate { url, _ in
      for (path, query, body, code) in [
        ("/", "", "{}", 60002), ("/v4/sns/black_list_add", "", "{}", 60012),
        ("/v4/sns/black_list_add", Chat.query, "", 60003), ("/v4/sns/black_list_ADD", Chat.query, "{}", 60002),
      ] {
        let (status, answer) = await post(url + path, query: query, Array(body.utf8))
        #expect(status == 200)
        #expect(answer.hasPrefix(#"{"ActionStatus":"FAIL","ErrorCode":\#(code),"#))
      }
    }
    #expect(observer.reports.map { $0.answer.error?.code } == [60002, 60012, 60003, 60002])
    #expect(callbacks.requests.isEmpty)
  }

  @Test("takes a body up to its limit and says so of a larger one")
  func largeBody() async throws {
    var limits = SimulatorLimits()
    let body = Chat.pairs("id", ["id1"])
    limits.bodyBytes = body.utf8.count
    try await simulate(limits: limits) { url, _ in
      let (_, taken) = await post("\(url)/v4/sns/black_list_add", Array(body.utf8))
      #expect(taken.contains(#""ActionStatus":"OK""#))
      let (status, answer) = await post("\(url)/v4/sns/black_list_add", Array((body + " ").utf8))
      #expect(status == 200)
      #expect(answer.hasPrefix(#"{"ActionStatus":"FAIL","ErrorCode":60002,"#))
    }
  }

  @Test("posts what waits when it is stopped, as far as its time goes")
  func stopping() async throws {
    var limits = SimulatorLimits()
    limits.posting = .milliseconds(50)
    let held = { @Sendable (settings: inout CallbackSettings) in settings.delay = .seconds(3600) }
    try await simulate(limits: limits, held) { url, _ in
      _ = await post("\(url)/v4/sns/black_list_add", Array(Chat.pairs("id", ["id1"]).utf8))
    }
    #expect(callbacks.requests.isEmpty)
    #expect(observer.failures.map(\.reason) == [CallbackPoster.abandonedReason])
  }

  @Test("says where it cannot listen")
  func taken() async throws {
    try await simulate { url, _ in
      let port = Int(url.split(separator: ":").last ?? "") ?? 0
      let second = ChatSimulator(
        configuration: SimulatorConfiguration(host: "127.0.0.1", port: port), endpoint: Chat().endpoint,
        callbacks: CallbackSettings(target: .standard), transport: RecordingTransport(), digest: OpenSSLDigest(),
        observer: RecordingObserver(), logger: Logger(label: "test"), onListening: { _ in })
      let error = await #expect(throws: SimulatorError.self) { try await second.run() }
      #expect(
        error?.description
          == "cannot listen on 127.0.0.1:\(port): Address already in use; choose another address with --listen")
    }
  }
}
