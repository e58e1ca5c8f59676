import GatewayCore
import Synchronization
import Testing

/// A journal in memory that takes batches as a test says.
final class FakeJournal: BatchAppender {
  typealias Append = @Sendable (NewBatch, ContinuousClock.Instant) async -> Result<AppendOutcome, JournalError>

  static let mark = GatewayMark(rawValue: "0123456789abcdef0123456789abcdef")!
  private let answer: Append
  private let taken = Mutex<[NewBatch]>([])
  /// What repeats are repeats of.
  private let earlier: NewBatch?

  /// - Parameter answer: Gives each append its outcome; the default is that everything is on disk at once.
  init(earlier: NewBatch? = nil, answer: @escaping Append = { _, _ in .success(.appended(.first)) }) {
    self.earlier = earlier
    self.answer = answer
  }

  /// What was handed over, in order, whatever became of it.
  var batches: [NewBatch] { taken.withLock { $0 } }

  func append(
    _ batch: NewBatch, deadline: ContinuousClock.Instant,
    completion: @escaping @Sendable (Result<AppendOutcome, JournalError>) -> Void
  ) {
    taken.withLock { $0.append(batch) }
    Task { completion(await answer(batch, deadline)) }
  }

  func batch(at first: SequenceNumber) async throws(JournalError) -> StoredBatch? {
    guard let earlier else {
      Issue.record("the callback door has read a callback that it cannot know of")
      throw .closed
    }
    return StoredBatch(earlier, at: first)
  }

  func checkWritable() async throws(JournalError) {
    Issue.record("the callback door does not ask whether the journal can be written")
  }
}
