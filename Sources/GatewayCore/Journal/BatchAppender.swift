/// What makes callbacks durable: a journal, or one with a spool before it.
package protocol BatchAppender: Sendable {
  /// Makes a batch durable, and calls `completion` once with what became of it, from any thread; whoever is called must
  /// not keep the journal. A closure and not `async`, because a task for each callback costs a quarter of accepting it.
  ///
  /// An append that finds no room waits for it: it is committed as soon as trimming has made some, and fails with `.full`
  /// if that is not before its deadline. Settlements do not wait with it.
  ///
  /// An append whose deadline passes before its commit has begun is withdrawn. One whose commit has begun then is left
  /// to finish: the caller gets `.deadlineExceeded` at the deadline all the same, and the batch is there wholly or not
  /// at all.
  func append(
    _ batch: NewBatch, deadline: ContinuousClock.Instant,
    completion: @escaping @Sendable (Result<AppendOutcome, JournalError>) -> Void)

  /// The batch that starts at this number, whole; nil if it is not retained, or is damaged.
  func batch(at first: SequenceNumber) async throws(JournalError) -> StoredBatch?

  /// Writes something of no meaning, to know whether that is possible now. Cheap enough to be asked once a second.
  func checkWritable() async throws(JournalError)
}

extension BatchAppender {
  /// The same for callers that can wait. Cancelling the caller's task does not take an append back.
  package func append(_ batch: NewBatch, deadline: ContinuousClock.Instant)
    async throws(JournalError) -> AppendOutcome
  {
    let result = await withCheckedContinuation { continuation in
      append(batch, deadline: deadline) { continuation.resume(returning: $0) }
    }
    return try result.get()
  }
}
