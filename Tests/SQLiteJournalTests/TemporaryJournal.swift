import CoreMetrics
import Foundation
import GatewayCore
import Logging
import OpenSSLSigner
import SQLiteJournal
import Synchronization

/// A folder with a journal's file in it, gone when the test is.
final class TemporaryJournal {
  let folder: String
  let logs = LogLines()

  init() throws {
    folder = FileManager.default.temporaryDirectory.appendingPathComponent("sqlite-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: folder) }

  var path: String { folder + "/journal.db" }

  func open() async throws -> SQLiteJournal { try await open(path) }

  func open(_ path: String) async throws -> SQLiteJournal {
    let logs = logs
    return try await SQLiteJournal.open(
      path: path, digest: OpenSSLDigest(), clock: { .start }, logger: Logger(label: "test", factory: { _ in logs }),
      metrics: NOOPMetricsHandler.instance, onFatal: { fatalError($0) })
  }

  func mode(_ name: String) throws -> Int {
    let attributes = try FileManager.default.attributesOfItem(atPath: folder + "/" + name)
    return attributes[.posixPermissions] as? Int ?? -1
  }

  func size(_ name: String) throws -> Int {
    let attributes = try FileManager.default.attributesOfItem(atPath: folder + "/" + name)
    return attributes[.size] as? Int ?? -1
  }
}

/// Keeps the lines that are logged.
final class LogLines: LogHandler {
  struct Line: Sendable {
    var level: Logger.Level
    var message: String
    var metadata: [String: String]
  }

  private let kept = Mutex<[Line]>([])

  var lines: [Line] { kept.withLock { $0 } }
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
    let metadata = (event.metadata ?? [:]).mapValues { "\($0)" }
    kept.withLock { $0.append(Line(level: event.level, message: "\(event.message)", metadata: metadata)) }
  }
}

extension Timestamp {
  static let start = Timestamp(milliseconds: 1_790_000_000_000)
}

extension ContinuousClock.Instant {
  /// A deadline that no healthy journal misses.
  static var soon: Self { .now + .seconds(30) }
  /// A deadline for what is to miss it.
  static var shortly: Self { .now + .milliseconds(50) }
}

extension NewBatch {
  static func sample(_ payload: [UInt8] = Array("payload".utf8), events: Int = 1) -> NewBatch {
    var generator = SystemRandomNumberGenerator()
    let kind = EventKind(
      app: AppID(rawValue: 1_400_000_000), type: EventType(rawValue: "friend.added"), command: "Sns.CallbackFriendAdd")
    return NewBatch(
      id: BatchID(at: .start, using: &generator), kind: kind, eventCount: events, receivedAt: .start,
      derivation: Derivation(rawValue: "1 PairList"), payload: payload, duplicateKey: nil)
  }
}

extension SQLiteJournal {
  func appendAll(_ batches: [NewBatch]) async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
      for batch in batches { group.addTask { _ = try await self.append(batch, deadline: .soon) } }
      try await group.waitForAll()
    }
  }

  func readAll() async throws -> JournalPage {
    try await read(from: .first, limit: ReadLimit(batches: 256, bytes: 64 << 20), wanted: { _ in true })
  }
}
