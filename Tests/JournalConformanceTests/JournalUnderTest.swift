import CoreMetrics
import Dispatch
import Foundation
import GatewayCore
import Logging
import OpenSSLSigner
import SQLiteJournal
import Synchronization
import TestSupport
import Testing

@testable import PostgresJournal

/// A kind of journal that the suite is held against. A new kind is one more entry in `all`.
struct JournalUnderTest: Sendable, CustomTestStringConvertible {
  let testDescription: String
  /// Opens the journal that lives in a folder, made if there is none.
  let open: @Sendable (_ folder: String, _ clock: ManualClock) async throws -> any Journal
  /// Holds up everything that writes, from when this returns until the closure it returns is called.
  let stall: @Sendable (_ folder: String, any Journal) async throws -> @Sendable () -> Void

  static let all = PostgresServer.isLeftOut ? [sqlite] : [sqlite, postgres]

  /// Those that are a file, which is copied while it is in use.
  static let files = [sqlite]

  static let sqlite = JournalUnderTest(testDescription: "SQLite") { folder, clock in
    try await SQLiteJournal.open(
      path: folder + "/journal.db", digest: OpenSSLDigest(), clock: { clock.now },
      logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }),
      metrics: NOOPMetricsHandler.instance, onFatal: { fatalError($0) })
  } stall: { _, journal in
    let journal = try #require(journal as? SQLiteJournal)
    let released = DispatchSemaphore(value: 0)
    await withCheckedContinuation { begun in
      Task {
        try await journal.withWriter { _ in
          begun.resume()
          released.wait()
        }
      }
    }
    return { released.signal() }
  }

  /// A database for each folder.
  static let postgres = JournalUnderTest(testDescription: "PostgreSQL") { folder, clock in
    try await PostgresJournal.open(
      try postgresAddress(of: folder), digest: OpenSSLDigest(), clock: { clock.now },
      logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }), metrics: NOOPMetricsHandler.instance,
      onFatal: { fatalError($0) })
  } stall: { folder, _ in
    let address = try postgresAddress(of: folder)
    let released = DispatchSemaphore(value: 0)
    try await withCheckedThrowingContinuation { (begun: CheckedContinuation<Void, any Error>) in
      DispatchQueue.global().async {
        do {
          let connection = try PostgresConnection(address, deadline: .soon)
          _ = try connection.query("BEGIN")
          _ = try connection.query("SELECT 1 FROM switchyard.counter FOR UPDATE")
          begun.resume()
          released.wait()
        } catch {
          begun.resume(throwing: error)
        }
      }
    }
    return { released.signal() }
  }

  private static func postgresAddress(of folder: String) throws -> PostgresAddress {
    let file = URL(filePath: folder).appending(path: "database.url")
    let known = try? String(contentsOf: file, encoding: .utf8)
    let url = try known ?? PostgresServer.shared().makeDatabase()
    try url.write(to: file, atomically: true, encoding: .utf8)
    return try PostgresAddress(url: url, shown: url)
  }

  /// Runs a test on a fresh journal in a folder of its own.
  func test(_ body: (JournalFixture) async throws -> Void) async throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("journal-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let clock = ManualClock(.start)
    let fixture = JournalFixture(kind: self, folder: folder, clock: clock, journal: try await open(folder, clock))
    try await body(fixture)
    await fixture.journal.close()
  }
}

/// One journal and what a test needs around it.
final class JournalFixture {
  let clock: ManualClock
  private(set) var journal: any Journal
  private let kind: JournalUnderTest
  private let folder: String

  init(kind: JournalUnderTest, folder: String, clock: ManualClock, journal: any Journal) {
    self.kind = kind
    self.folder = folder
    self.clock = clock
    self.journal = journal
  }

  /// Closes the journal and opens it again.
  func reopen() async throws {
    await journal.close()
    journal = try await kind.open(folder, clock)
  }

  func stall() async throws -> @Sendable () -> Void { try await kind.stall(folder, journal) }

  /// Appends one batch and returns where it starts.
  @discardableResult
  func append(_ batch: NewBatch, sourceLocation: SourceLocation = #_sourceLocation) async throws -> SequenceNumber {
    guard case .appended(let first) = try await journal.append(batch, deadline: .soon) else {
      Issue.record("the batch was taken for a duplicate", sourceLocation: sourceLocation)
      return .first
    }
    return first
  }

  func readAll(from start: SequenceNumber = .first) async throws -> [StoredBatch] {
    try await journal.read(from: start, limit: .generous, wanted: { _ in true }).batches
  }

  func openLane(_ subscriber: String = "moderation") async throws -> LaneID {
    try await journal.openLane(for: subscriber, startingAt: .first).id
  }
}

/// A clock that stands still until a test moves it.
final class ManualClock: Sendable {
  private let moment: Mutex<Timestamp>

  init(_ start: Timestamp) { moment = Mutex(start) }

  var now: Timestamp { moment.withLock { $0 } }

  func advance(by duration: Duration) { moment.withLock { $0 = $0 + duration } }
}
