import Dispatch
import GRDB
import GatewayCore
import Synchronization

/// The connections to the journal's file: one that writes and checkpoints, a few that read.
///
/// Nothing here inherits the cancellation of the task that asks: a cancelled task would have its write rolled back.
/// An error of the disk's own sync ends the process through `onFatal`, wherever it comes up.
final class JournalDatabase: Sendable {
  /// How long a statement waits for a lock that another program holds.
  static let busyTimeout: Duration = .seconds(5)

  private let pool: DatabasePool
  private let file: OpenedFile
  private let checkpointer: Checkpointer
  private let onFatal: @Sendable (String) -> Never
  private let closed = Atomic<Bool>(false)

  init(
    pool: DatabasePool, file: OpenedFile, checkpointer: Checkpointer, onFatal: @escaping @Sendable (String) -> Never
  ) {
    self.pool = pool
    self.file = file
    self.checkpointer = checkpointer
    self.onFatal = onFatal
  }

  var isClosed: Bool { closed.load(ordering: .acquiring) }

  /// Queues work for the writing connection; it is done in the order in which it was queued.
  func onWriter(_ body: @escaping @Sendable (Database) -> Void) { pool.asyncWriteWithoutTransaction(body) }

  /// Runs a body on the writing connection, outside any transaction.
  func withWriter<Value: Sendable>(_ body: @escaping @Sendable (Database) throws -> Value)
    async throws(JournalError) -> Value
  {
    let result: Result<Value, JournalError> = await withCheckedContinuation { answer in
      onWriter { db in
        answer.resume(returning: self.result { try body(db) })
        self.checkpointIfDue(db, isIdle: false)
      }
    }
    return try result.get()
  }

  /// Runs a body as one write transaction, in turn with the group commits.
  func write<Value: Sendable>(_ body: @escaping @Sendable (Database) throws -> Value)
    async throws(JournalError) -> Value
  {
    try await withWriter { db in try self.writeTransaction(db) { try body(db) } }
  }

  /// One write transaction; on a full disk it is tried once more when the write-ahead log has been folded into the file
  /// and can start over.
  func writeTransaction<Value>(_ db: Database, _ body: () throws -> Value) throws -> Value {
    try requireFile()
    do {
      return try db.writeTransaction(body)
    } catch  where failure(error) == .full {
      checkpoint(db)
      return try db.writeTransaction(body)
    }
  }

  /// To be called before each write transaction: what is committed to a file that nobody can open again is lost.
  func requireFile() throws(JournalError) { try file.requireInPlace() }

  /// Runs a body in one read transaction, which must be short: while it is open the write-ahead log cannot start over.
  func read<Value: Sendable>(_ body: @escaping @Sendable (Database) throws -> Value)
    async throws(JournalError) -> Value
  {
    let result: Result<Value, JournalError> = await withCheckedContinuation { answer in
      pool.asyncRead { access in answer.resume(returning: self.result { try body(access.get()) }) }
    }
    return try result.get()
  }

  /// To be called at the end of work on the writing connection. An error is not the caller's: the next commit meets it
  /// too if it lasts.
  func checkpointIfDue(_ db: Database, isIdle: Bool) {
    guard !isClosed else { return }
    do { try checkpointer.afterTransaction(db, isIdle: isIdle) } catch { _ = failure(error) }
  }

  /// Makes room in the write-ahead log, which goes on from its start once all of it is in the file.
  func checkpoint(_ db: Database) {
    do { try checkpointer.checkpoint(db) } catch { _ = failure(error) }
  }

  /// What an error means, having ended the process if it must.
  func failure(_ error: any Error) -> StorageFailure {
    let failure = StorageFailure(error)
    if case .syncFailed(let sentence) = failure { onFatal(sentence) }
    return failure
  }

  /// Closes the readers, then the writer: the last one to go folds the write-ahead log into the file.
  func close() async {
    guard !closed.exchange(true, ordering: .acquiringAndReleasing) else { return }
    await withCheckedContinuation { done in
      DispatchQueue.global().async { [pool] in
        pool.releaseMemory()
        // Fails only while a statement is open, and none outlives its block; the file is sound either way.
        try? pool.close()
        done.resume()
      }
    }
  }

  private func result<Value>(_ body: () throws -> Value) -> Result<Value, JournalError> {
    guard !isClosed else { return .failure(.closed) }
    do {
      return .success(try body())
    } catch {
      return .failure(failure(error).journalError)
    }
  }
}

extension Database {
  /// Runs a body between `BEGIN IMMEDIATE` and `COMMIT`; whatever it throws rolls back.
  func writeTransaction<Value>(_ body: () throws -> Value) throws -> Value {
    try beginTransaction(.immediate)
    do {
      let value = try body()
      try commit()
      return value
    } catch {
      // A full disk may have rolled back already. A roll-back that fails leaves the transaction open, and GRDB then
      // ends the process at the end of the block, which is right: its state is unknown.
      if isInsideTransaction { try? rollback() }
      throw error
    }
  }
}
