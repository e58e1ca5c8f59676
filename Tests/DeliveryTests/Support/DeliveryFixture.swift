import CoreMetrics
import Delivery
import Foundation
import GRDB
import GatewayCore
import Logging
import OpenSSLSigner
import OrderedCollections
import SQLiteJournal
import Synchronization
import TencentChat
import Testing

/// A delivery service on a temporary journal, with a transport and a clock that the test commands.
final class DeliveryFixture {
  let clock = ShiftedClock()
  let transport = ScriptedTransport()
  let metrics = RecordingMetrics()
  private(set) var journal: any Journal
  /// The same, as the service sees it.
  private(set) var intercepted: InterceptedJournal
  private(set) var service: DeliveryService
  private let folder: String
  private var running: Task<Void, Never>?
  private var ended = Flag()

  /// Whether the service's `run` has returned.
  var hasEnded: Bool { ended.isSet.load(ordering: .relaxed) }

  /// Runs a test on a fresh journal, with a service that runs.
  static func test(_ body: (DeliveryFixture) async throws -> Void) async throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("delivery-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let fixture = try await DeliveryFixture(folder: folder)
    do {
      try await body(fixture)
    } catch {
      await fixture.end()
      throw error
    }
    await fixture.end()
  }

  private init(folder: String) async throws {
    self.folder = folder
    journal = try await Self.open(folder, clock)
    intercepted = InterceptedJournal(journal)
    service = Self.service(on: intercepted, transport, clock, metrics)
    running = run()
  }

  // MARK: The life of the service

  /// Stops the service and closes the journal.
  func stop(drain: Duration = .seconds(20)) async {
    await service.stop(drain: drain)
    await running?.value
    running = nil
    await journal.close()
  }

  /// Opens the journal again and runs a new service on it, with these routes.
  func start(_ subscribers: [Subscriber]) async throws {
    journal = try await Self.open(folder, clock)
    intercepted = InterceptedJournal(journal)
    service = Self.service(on: intercepted, transport, clock, metrics)
    running = run()
    try await apply(subscribers)
  }

  func restart(_ subscribers: [Subscriber]) async throws {
    await stop()
    try await start(subscribers)
  }

  func retention(retain: Duration = .seconds(72 * 3600), maximumSize: Int? = nil) -> RetentionService {
    RetentionService(
      delivery: service, journal: journal, retain: retain, maximumSize: maximumSize.map(ByteSize.init(bytes:)),
      clock: { [clock] in clock.now }, logger: .silent)
  }

  /// Runs SQL on the journal's file, past the journal.
  func execute(_ sql: String) throws {
    var configuration = Configuration()
    // The service writes when it likes.
    configuration.busyMode = .timeout(5)
    let queue = try DatabaseQueue(path: folder + "/journal.db", configuration: configuration)
    try queue.writeWithoutTransaction { db in try db.execute(sql: sql) }
    try queue.close()
  }

  private func end() async {
    transport.answer { _ in .success }
    transport.release()
    intercepted.releaseAll()
    if running != nil { await stop(drain: .zero) }
  }

  private func run() -> Task<Void, Never> {
    ended = Flag()
    return Task { [service, ended] in
      await service.run()
      ended.isSet.store(true, ordering: .relaxed)
    }
  }

  static func open(_ folder: String, _ clock: ShiftedClock) async throws -> any Journal {
    try await SQLiteJournal.open(
      path: folder + "/journal.db", digest: OpenSSLDigest(), clock: { clock.now }, logger: .silent,
      metrics: NOOPMetricsHandler.instance, onFatal: { fatalError($0) })
  }

  static func service(
    on journal: any Journal, _ transport: ScriptedTransport, _ clock: ShiftedClock, _ metrics: RecordingMetrics,
    name: String = "test"
  ) -> DeliveryService {
    DeliveryService(
      context: DeliveryContext(
        journal: journal, transport: transport, signers: OpenSSLSignerFactory(), deriver: CallbackEventDeriver(),
        forwarder: CallbackForwarder(digest: OpenSSLDigest()), digest: OpenSSLDigest(), clock: { clock.now },
        logger: .silent, metrics: metrics, userAgent: "Switchyard/\(name)", gatewayName: name))
  }

  // MARK: What comes in

  func apply(
    _ subscribers: [Subscriber], tokens: [String] = [], misconfigured: OrderedDictionary<String, String> = [:]
  ) async throws {
    try await service.apply(.sample(subscribers, tokens: tokens, misconfigured: misconfigured))
  }

  @discardableResult
  func accept(_ callback: Callback = Callback()) async throws -> Accepted {
    let batch = try #require(try callback.read(receivedAt: clock.now))
    let outcome = try await journal.append(batch, deadline: .now + .seconds(30))
    guard case .appended(let first) = outcome else { throw NotAppended() }
    return try Accepted(batch, at: first)
  }

  /// Accepts callbacks that are all alike, many in one commit.
  @discardableResult
  func accept(_ count: Int, _ callback: Callback = Callback()) async throws -> [Accepted] {
    let batches = try (0..<count).map { _ in try #require(try callback.read(receivedAt: clock.now)) }
    let journal = journal
    return try await withThrowingTaskGroup(of: Accepted.self) { group in
      for batch in batches {
        group.addTask {
          guard case .appended(let first) = try await journal.append(batch, deadline: .now + .seconds(30)) else {
            throw NotAppended()
          }
          return try Accepted(batch, at: first)
        }
      }
      var accepted: [Accepted] = []
      for try await one in group { accepted.append(one) }
      return accepted.sorted { $0.first < $1.first }
    }
  }

  /// Fills the journal with one batch over and over, much faster than callbacks could be accepted.
  func fill(_ count: Int, _ callback: Callback = Callback()) async throws {
    let batch = try #require(try callback.read(receivedAt: clock.now))
    let journal = journal
    try await withThrowingTaskGroup(of: Void.self) { group in
      for _ in 0..<count {
        group.addTask { _ = try await journal.append(batch, deadline: .now + .seconds(30)) }
      }
      try await group.waitForAll()
    }
  }

  private struct NotAppended: Error {}

  // MARK: What is seen

  func status(_ name: String) async throws -> SubscriberStatus {
    try #require(try await service.statuses().first { $0.name == name })
  }

  func lane(_ name: String) async throws -> LaneRecord {
    try #require(try await journal.lanes().first { $0.subscriber == name })
  }

  /// The exceptions of a lane that wait, as the journal has them.
  func retrying(_ name: String) async throws -> [DeliveryException] {
    let end = Timestamp(milliseconds: .max)
    return try await journal.dueExceptions(of: lane(name).id, by: end, limit: 100_000, excluding: [])
  }

  /// The exceptions of a lane that are dead or expired, as the journal has them.
  func ended(_ name: String) async throws -> [DeliveryException] {
    try await journal.deadLetters(of: lane(name).id, from: .first, limit: 100_000)
  }

  /// Waits until a lane owes nothing and the journal says so.
  func settled(_ name: String, sourceLocation: SourceLocation = #_sourceLocation) async throws {
    try await eventually("\(name) owes nothing", sourceLocation: sourceLocation) {
      // Idle lanes look after themselves once a second.
      clock.advance(by: .milliseconds(100))
      // In this order: an exception is recorded together with the cursor that passes it.
      guard try await lane(name).cursor == journal.head.next else { return false }
      return try await journal.exceptionCounts(of: lane(name).id).waitingEvents == 0
    }
  }

  /// Waits until a subscriber has been delivered as many events as these callbacks have and owes nothing more, and looks
  /// that each of these was delivered once and nothing else.
  func delivered(_ accepted: [Accepted], to name: String, sourceLocation: SourceLocation = #_sourceLocation)
    async throws
  {
    let events = accepted.flatMap(\.events)
    try await eventually("all is delivered to \(name)", sourceLocation: sourceLocation) {
      transport.delivered(to: name).count >= events.count
    }
    try await settled(name, sourceLocation: sourceLocation)
    let delivered = transport.delivered(to: name)
    #expect(delivered.count == events.count, sourceLocation: sourceLocation)
    #expect(Set(events).symmetricDifference(delivered).isEmpty, sourceLocation: sourceLocation)
  }
}

private final class Flag: Sendable {
  let isSet = Atomic(false)
}

extension Routes {
  static func sample(
    _ subscribers: [Subscriber], tokens: [String] = [], misconfigured: OrderedDictionary<String, String> = [:],
    fingerprint: String = "0000000000000000"
  ) -> Routes {
    Routes(
      apps: [Callback.app: AppConfiguration(id: Callback.app, tokens: tokens.map { Secret($0) })],
      subscribers: OrderedDictionary(uniqueKeysWithValues: subscribers.map { ($0.name, $0) }),
      misconfigured: misconfigured, fingerprint: fingerprint)
  }
}

extension Logger {
  static let silent = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
}
