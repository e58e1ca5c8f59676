package import CoreMetrics
import GRDB
package import GatewayCore
package import Logging

extension SQLiteJournal {
  /// Opens a journal, made if there is none, with everything that was committed in it.
  ///
  /// - Parameters:
  ///   - path: Its file. Beside it lie `-wal` and `-shm` of SQLite's, and `-lock`, which keeps a second gateway out.
  ///   - onFatal: Called with a sentence when the disk fails to sync; ends the process.
  /// - Throws: `.unavailable` with a sentence when the file cannot be used.
  package static func open(
    path: String, digest: any Digest, clock: @escaping WallClock, logger: Logger, metrics: any MetricsFactory,
    onFatal: @escaping @Sendable (String) -> Never
  ) async throws(JournalError) -> SQLiteJournal {
    let file = try JournalFile(path: path)
    // What is refused stays as it was, with nothing beside it; so a lock file is made last.
    let existing = try JournalLock.existing(path: file.path)
    do {
      if try file.check() { try inspect(file.path) }
      let lock = try existing ?? JournalLock(path: file.path)
      try file.create()
      let reserve = try DiskReserve(file)
      let pool = try openPool(file.path)
      let database = JournalDatabase(
        pool: pool, file: try OpenedFile(path: file.path), checkpointer: Checkpointer(reserve: reserve),
        onFatal: onFatal)
      let (head, batchesRead, keys, mark) = try await database.withWriter { db in
        try prepareWriter(db)
        try Schema.migrate(db)
        let (head, batchesRead) = try loadHead(db)
        return (head, batchesRead, try DuplicateKeys(db), try loadMark(db))
      }
      logger.info(
        "journal opened",
        metadata: [
          "journal.path": "\(file.path)", "journal.head": "\(head.next)", "journal.batches_read": "\(batchesRead)",
          "journal.keys_read": "\(keys.recentCount)",
        ])
      return SQLiteJournal(
        head: head, mark: mark, batchesSinceTotals: batchesRead, keys: keys, database: database, file: file,
        reserve: reserve, lock: lock,
        digest: digest,
        clock: clock, logger: logger, metrics: metrics)
    } catch {
      throw refusal(error, path: file.path)
    }
  }

  /// Looks at the file without changing it: opening it for writing would turn anybody's database into one with a
  /// write-ahead log.
  private static func inspect(_ path: String) throws {
    var configuration = Configuration()
    configuration.readonly = true
    // Without a lock file another gateway may be making the journal right now; the lock will tell.
    configuration.busyMode = .timeout(JournalDatabase.busyTimeout.inSeconds)
    let queue = try DatabaseQueue(path: path, configuration: configuration)
    let content = try queue.read(Schema.content)
    try queue.close()
    try Schema.check(content, path: path)
  }

  private static func openPool(_ path: String) throws -> DatabasePool {
    var configuration = Configuration()
    configuration.label = "switchyard.journal"
    configuration.busyMode = .timeout(JournalDatabase.busyTimeout.inSeconds)
    configuration.maximumReaderCount = maximumReaders
    // SQLite's own checkpoints would run inside commits: see `Checkpointer`.
    configuration.prepareDatabase { db in try db.execute(sql: "PRAGMA wal_autocheckpoint = 0") }
    return try DatabasePool(path: path, configuration: configuration)
  }

  /// Settings of the writing connection. They come after the pool is open and outside any transaction, because GRDB
  /// sets `synchronous` to NORMAL as it opens, which loses acknowledged callbacks when the power fails.
  private static func prepareWriter(_ db: Database) throws {
    try db.execute(
      sql: """
        PRAGMA synchronous = FULL;
        PRAGMA cache_size = -\(writerCacheBytes / 1024);
        PRAGMA journal_size_limit = \(Checkpointer.keptLogBytes);
        -- Some builds overwrite what is deleted with zeros, which makes trimming write as much as accepting.
        PRAGMA secure_delete = OFF;
        """)
    let settings = try WriterSettings(db)
    guard settings == .durable else {
      throw StorageFailure.other("SQLite did not take the settings that make commits durable: \(settings)")
    }
  }

  /// The head, and how many batches had to be read for it: those after the newest running totals.
  private static func loadHead(_ db: Database) throws -> (head: JournalHead, batchesRead: Int) {
    let end = SequenceNumber(rawValue: .max)
    let totals = try RunningTotals.newest(atOrBelow: end, db)
    let head = JournalHead(next: totals.position, kinds: totals.kinds)
    var batchesRead = 0
    try BatchHeader.forEach(from: totals.position, below: end, db) { header in
      head.advance(
        to: header.end, appended: [(kind: header.kind, end: header.end, eventCount: header.eventCount)])
      batchesRead += 1
    }
    return (head, batchesRead)
  }

  private static func loadMark(_ db: Database) throws -> GatewayMark {
    let text = try String.fetchOne(db, sql: "SELECT gateway_mark FROM meta WHERE gateway_mark IS NOT NULL")
    guard let mark = text.flatMap(GatewayMark.init) else {
      throw JournalError.unavailable("the journal lacks the mark that every journal is made with: it is damaged")
    }
    return mark
  }

  private static func refusal(_ error: any Error, path: String) -> JournalError {
    if let error = error as? JournalError { return error }
    switch StorageFailure(error) {
    case .full: return .unavailable("no space is left to open the journal \(path)")
    case .corrupt where (error as? DatabaseError)?.resultCode == .SQLITE_NOTADB:
      return .unavailable("\(path) is not a database; use another file")
    case let failure: return .unavailable("the journal \(path) cannot be opened: \(failure.journalError)")
    }
  }

  private static let maximumReaders = 4
  /// Keys of duplicates are looked up all over their table.
  private static let writerCacheBytes = 32 << 20
}

/// What decides whether a commit survives a loss of power, as a connection has it.
struct WriterSettings: Hashable {
  /// 2 is FULL: every commit is synced.
  var synchronous: Int
  var journalMode: String
  var autocheckpointPages: Int

  static let durable = WriterSettings(synchronous: 2, journalMode: "wal", autocheckpointPages: 0)

  init(synchronous: Int, journalMode: String, autocheckpointPages: Int) {
    self.synchronous = synchronous
    self.journalMode = journalMode
    self.autocheckpointPages = autocheckpointPages
  }

  /// Reads them back from the connection itself.
  init(_ db: Database) throws {
    synchronous = try Int.fetchOne(db, sql: "PRAGMA synchronous") ?? -1
    journalMode = try String.fetchOne(db, sql: "PRAGMA journal_mode") ?? ""
    autocheckpointPages = try Int.fetchOne(db, sql: "PRAGMA wal_autocheckpoint") ?? -1
  }
}
