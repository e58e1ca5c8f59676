import CoreMetrics
import Foundation
import GatewayCore
import Logging
import OpenSSLSigner
import SQLiteJournal
import Spool
import Synchronization
import Testing

/// A journal that can be told to fail, and a spool before it, each with a file of its own.
final class SpoolFixture {
  let journal: UnsteadyJournal
  let logs = LogLines()
  private let folder: String
  private var limits: SpoolLimits
  private(set) var store: SQLiteJournal
  private(set) var spool: Spool
  private var draining: Task<Void, Never>?

  private init(folder: String, limits: SpoolLimits) async throws {
    self.folder = folder
    self.limits = limits
    journal = UnsteadyJournal(try await Self.open(folder + "/journal.db"))
    store = try await Self.open(folder + "/spool.db")
    spool = try await Self.spool(journal, store, limits, logs)
  }

  /// Runs a test on a fresh journal and a fresh spool, which is drained if `drains`.
  static func test(
    drains: Bool = true, _ change: (inout SpoolLimits) -> Void = { _ in }, body: (SpoolFixture) async throws -> Void
  ) async throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("spool-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    var limits = SpoolLimits(ackDeadline: .seconds(60))
    (limits.shortestPause, limits.longestPause) = (.milliseconds(2), .milliseconds(5))
    change(&limits)
    let fixture = try await SpoolFixture(folder: folder, limits: limits)
    if drains { fixture.drain() }
    try await body(fixture)
    await fixture.stop()
    await fixture.store.close()
    await fixture.journal.inner.close()
  }

  func drain() { draining = Task { [spool] in await spool.run() } }

  func stop() async {
    await spool.stop()
    await draining?.value
    draining = nil
  }

  /// As a gateway does: stopped, or killed before it wrote how far it had come.
  func restart(drains: Bool = true) async throws {
    await stop()
    await store.close()
    store = try await Self.open(folder + "/spool.db")
    spool = try await Self.spool(journal, store, limits, logs)
    if drains { drain() }
  }

  @discardableResult
  func append(_ batch: NewBatch, deadline: ContinuousClock.Instant = .soon) async throws(JournalError) -> AppendOutcome
  {
    try await spool.append(batch, deadline: deadline)
  }

  /// The payloads in the journal, in order.
  func journalled() async throws -> [String] {
    var texts: [String] = []
    var start = SequenceNumber.first
    while start < journal.inner.head.next {
      let page = try await journal.inner.read(from: start, limit: ReadLimit(batches: 256, bytes: 64 << 20)) { _ in true
      }
      texts += page.batches.map { String(decoding: $0.payload, as: UTF8.self) }
      start = page.through
    }
    return texts
  }

  func isDrained() async { await eventually { self.spool.depth == 0 } }

  static func open(_ path: String) async throws -> SQLiteJournal {
    try await SQLiteJournal.open(
      path: path, digest: OpenSSLDigest(), clock: { .start },
      logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }),
      metrics: NOOPMetricsHandler.instance, onFatal: { fatalError($0) })
  }

  static func spool(
    _ journal: UnsteadyJournal, _ store: SQLiteJournal, _ limits: SpoolLimits, _ logs: LogLines,
    mark: GatewayMark? = nil
  ) async throws -> Spool {
    try await Spool.open(
      before: journal, mark: mark ?? journal.inner.mark, store: store, limits: limits, clock: { .start },
      logger: Logger(label: "test", factory: { _ in logs }), metrics: NOOPMetricsHandler.instance)
  }
}

/// Waits until something is so; the test fails if it never is.
func eventually(sourceLocation: SourceLocation = #_sourceLocation, _ condition: () async throws -> Bool) async rethrows
{
  let end = ContinuousClock.now + .seconds(60)
  while try await !condition() {
    guard .now < end else {
      Issue.record("it was never so", sourceLocation: sourceLocation)
      return
    }
    try? await Task.sleep(for: .milliseconds(2))
  }
}

/// Keeps the lines that are logged.
final class LogLines: LogHandler {
  private let kept = Mutex<[String]>([])

  var lines: [String] { kept.withLock { $0 } }
  var metadata: Logger.Metadata {
    get { [:] }
    set {}
  }
  var logLevel: Logger.Level {
    get { .trace }
    set {}
  }

  subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { nil }
    set {}
  }

  func log(event: LogEvent) {
    let words = (event.metadata ?? [:]).map { "\($0.key)=\($0.value)" }.sorted()
    kept.withLock { $0.append(([event.message.description] + words).joined(separator: " ")) }
  }
}

extension Timestamp {
  static let start = Timestamp(milliseconds: 1_790_000_000_000)
}

extension ContinuousClock.Instant {
  /// A deadline that no healthy journal misses.
  static var soon: Self { .now + .seconds(60) }
}

extension NewBatch {
  static func sample(_ payload: String, events: Int = 1, key: DuplicateKey? = nil) -> NewBatch {
    var generator = SystemRandomNumberGenerator()
    let kind = EventKind(
      app: AppID(rawValue: 1_400_000_000), type: EventType(rawValue: "friend.added"), command: "Sns.CallbackFriendAdd")
    return NewBatch(
      id: BatchID(at: .start, using: &generator), kind: kind, eventCount: events, receivedAt: .start,
      derivation: Derivation(rawValue: "1 PairList"), payload: Array(payload.utf8), duplicateKey: key)
  }
}

extension DuplicateKey {
  static func sample(_ number: UInt8, _ lifetime: Lifetime = .whileRetained) -> DuplicateKey {
    DuplicateKey(bytes: (0..<16).map { number &+ $0 &* 17 }, lifetime: lifetime)
  }
}
