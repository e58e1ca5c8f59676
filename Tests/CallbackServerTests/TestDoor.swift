import CallbackServer
import Foundation
import GatewayCore
import OpenSSLSigner
import OrderedCollections
import TencentChat

/// A callback door on a free port of the loopback, with everything around it in the test's hands.
struct TestDoor: Sendable {
  static let app = AppID(rawValue: 1_400_000_000)
  static let unsigned = AppConfiguration(id: app)
  /// The documented vector: this token and `now` make `sign`.
  static let signed = AppConfiguration(id: app, tokens: [Secret("xxxxyyyy")])
  static let now = Timestamp(seconds: 1_669_872_112)
  static let sign = "17773bc39a671d7b9aa835458704d2a6db81360a5940292b587d6d760d484061"

  let server: CallbackServer
  let port: Int
  let journal: FakeJournal
  let metrics: RecordingMetrics
  let log: RecordingLog

  /// Runs a door for the time of `body`.
  static func open(
    apps: [AppConfiguration] = [unsigned], journal: FakeJournal = FakeJournal(), trustedProxies: [String] = [],
    tls: TLSFiles? = nil, ingestMemory: ByteSize = .mebibytes(256), host: String = "127.0.0.1",
    threads: Int = 2, limits: CallbackServerLimits = CallbackServerLimits(), decisions: [Decision] = [],
    transport: ScriptedTransport = ScriptedTransport(), _ body: (TestDoor) async throws -> Void
  ) async throws {
    let metrics = RecordingMetrics()
    let log = RecordingLog()
    let configuration = CallbackServerConfiguration(
      host: host, port: 0, paths: ["/", "/callback"], trustedProxies: trustedProxies.compactMap { AddressRange($0) },
      tls: tls, ingestMemory: ingestMemory, threads: threads)
    let server = CallbackServer(
      configuration: configuration, journal: journal, mark: FakeJournal.mark, digest: OpenSSLDigest(),
      transport: transport,
      signers: OpenSSLSignerFactory(), clock: { Self.now }, logger: log.logger, metrics: metrics, limits: limits)
    server.update(apps: OrderedDictionary(uniqueKeysWithValues: apps.map { ($0.id, $0) }), decisions: decisions)
    let door = TestDoor(server: server, port: try await server.start(), journal: journal, metrics: metrics, log: log)
    do { try await body(door) } catch {
      await server.stop(within: .zero)
      throw error
    }
    await server.stop(within: .seconds(5))
  }

  func connect() async throws -> TestConnection { try await TestConnection.open(port: port) }

  /// The answer to one request on a connection of its own.
  func answer(to request: String) async throws -> TestResponse {
    let connection = try await connect()
    try await connection.send(request)
    return try await connection.response(hasBody: !request.hasPrefix("HEAD "))
  }

  func rejected(_ reason: RejectionReason, app: String = TestDoor.app.description) -> Int64? {
    metrics[#"switchyard_callbacks_rejected_total{app="\#(app)",reason="\#(reason.rawValue)"}"#]
  }
}

/// Raw requests.
enum TestRequest {
  static let query = "SdkAppid=1400000000&CallbackCommand=Sns.CallbackBlackListAdd&contenttype=json"
  static let body =
    #"{"CallbackCommand":"Sns.CallbackBlackListAdd","PairList":[{"From_Account":"id","To_Account":"id1"},"#
    + #"{"From_Account":"id","To_Account":"id2"},{"From_Account":"id","To_Account":"id3"}]}"#
  static let okBody = #"{"ActionStatus":"OK","ErrorCode":0,"ErrorInfo":""}"#

  /// A callback as Tencent posts it.
  static func post(
    path: String = "/callback", query: String = query, fields: [String] = [], body: String = body
  ) -> String {
    head(path: path, query: query, fields: ["Content-Length: \(body.utf8.count)"] + fields) + body
  }

  static func head(
    method: String = "POST", path: String = "/callback", query: String = query, fields: [String] = []
  ) -> String {
    let lines = ["\(method) \(path)?\(query) HTTP/1.1", "Host: gateway"] + fields
    return lines.joined(separator: "\r\n") + "\r\n\r\n"
  }
}

/// Waits until a condition holds; false after a generous time.
func eventually(_ condition: () -> Bool) async throws -> Bool {
  let end = ContinuousClock.now + .seconds(15)
  while !condition() {
    if ContinuousClock.now > end { return false }
    try await Task.sleep(for: .milliseconds(2))
  }
  return true
}
