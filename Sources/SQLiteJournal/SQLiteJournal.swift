import CoreMetrics
import GRDB
package import GatewayCore
import Logging

/// The journal in one local SQLite file.
///
/// One connection writes: group commits, trimming, lanes, checkpoints. What lanes read is in memory while they keep up,
/// and otherwise comes over a few connections that only read. One process has the file at a time.
package final class SQLiteJournal: Journal {
  package let head: JournalHead
  package let mark: GatewayMark
  package let room = JournalRoom()
  let database: JournalDatabase
  let recent: RecentBatches
  let frontier: TrimFrontier
  let keys: DuplicateKeys
  let checksum: PayloadChecksum
  let file: JournalFile
  let reserve: DiskReserve
  private let committer: Committer
  private let lock: JournalLock

  init(
    head: JournalHead, mark: GatewayMark, batchesSinceTotals: Int, keys: DuplicateKeys, database: JournalDatabase,
    file: JournalFile, reserve: DiskReserve, lock: JournalLock,
    digest: any Digest, clock: @escaping WallClock, logger: Logger, metrics: any MetricsFactory
  ) {
    self.head = head
    self.mark = mark
    self.database = database
    self.file = file
    self.reserve = reserve
    self.lock = lock
    self.keys = keys
    checksum = PayloadChecksum(digest: digest)
    recent = RecentBatches()
    frontier = TrimFrontier()
    committer = Committer(
      database: database, reserve: reserve, head: head, room: room, recent: recent, frontier: frontier, keys: keys,
      batchesSinceTotals: batchesSinceTotals, clock: clock, logger: logger, metrics: metrics)
  }

  package func append(
    _ batch: NewBatch, deadline: ContinuousClock.Instant,
    completion: @escaping @Sendable (Result<AppendOutcome, JournalError>) -> Void
  ) {
    // The checksum is made here and not by the writer, which everybody waits for.
    committer.append(batch, checksum: checksum(batch.payload), deadline: deadline, completion: completion)
  }

  package func settle(_ settlement: Settlement) async throws(JournalError) { try await committer.settle(settlement) }

  /// Appends that wait for room are tried again.
  func roomMade() { committer.roomMade() }

  package func close() async {
    await committer.close()
    await database.close()
    lock.release()
  }
}
