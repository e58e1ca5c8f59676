import GatewayCore
import Logging
import PrometheusMetrics
import Testing

@testable import AdminServer

/// An admin door that is open for one test.
struct Door: Sendable {
  let port: Int
  /// The address it says it listens on.
  let address: String
  let log: RecordedLog
  let server: AdminServer

  /// Sends one request on a connection of its own and reads the answer to its end.
  func send(
    _ method: String, _ path: String, _ headers: [String: String] = [:], body: String? = nil
  ) async throws -> RawResponse {
    let connection = try RawConnection()
    defer { connection.close() }
    try connection.connect(to: port)
    var headers = headers
    headers["Host"] = headers["Host"] ?? "127.0.0.1:\(port)"
    headers["Connection"] = "close"
    if let body { headers["Content-Length"] = String(body.utf8.count) }
    let lines = headers.map { "\($0.key): \($0.value)\r\n" }.joined()
    try connection.send("\(method) \(path) HTTP/1.1\r\n\(lines)\r\n\(body ?? "")")
    return try #require(RawResponse(try await connection.receive()))
  }

  /// Takes whatever is written like a pattern.
  static let readPattern: PatternReader = { text in
    EventPattern(text).map { .success($0) } ?? .failure(PatternRefusal(reason: "that is no pattern"))
  }

  /// Opens a door, gives it to `body`, stops it, and waits until it is closed.
  @discardableResult
  static func open<Result: Sendable>(
    host: String = "127.0.0.1", port: Int = 0, tokens: AdminTokenSources = AdminTokenSources(),
    control: FakeControl = FakeControl(), delivery: FakeDelivery = FakeDelivery(),
    registry: PrometheusRegistry = PrometheusRegistry(),
    limits: AdminLimits = AdminLimits(), refreshGauges: @escaping @Sendable () async -> Void = {},
    _ body: @escaping @Sendable (Door) async throws -> Result
  ) async throws -> Result {
    let log = RecordedLog()
    var configuration = AdminServerConfiguration(host: host, port: port, tokens: tokens)
    configuration.limits = limits
    let (addresses, opened) = AsyncStream.makeStream(of: (address: String, port: Int).self)
    let server = AdminServer(
      configuration: configuration, control: control, delivery: delivery, registry: registry,
      readPattern: readPattern,
      digest: PlainDigest(), logger: log.logger,
      refreshGauges: refreshGauges,
      onListening: { address, port in opened.yield((address, port)) })
    return try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask {
        defer { opened.finish() }
        try await server.run()
      }
      guard let bound = await addresses.first(where: { _ in true }) else {
        try await group.next()
        throw AdminServerError.stoppedAccepting
      }
      do {
        let result = try await body(
          Door(port: bound.port, address: bound.address, log: log, server: server))
        await server.stop()
        try await group.next()
        return result
      } catch {
        await server.stop()
        throw error
      }
    }
  }
}
