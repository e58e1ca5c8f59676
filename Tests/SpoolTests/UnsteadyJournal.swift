import GatewayCore
import SQLiteJournal
import Synchronization

/// The journal that the spool stands before: a real one, which fails as a test says. It takes a batch whose id it holds
/// for a repeat, as a shared journal does.
final class UnsteadyJournal: BatchAppender {
  enum Mode: Sendable {
    case healthy
    /// Nothing is appended, and this is answered.
    case failing(JournalError)
    /// All is appended, and nobody is told in time.
    case silent
    /// Callbacks with this payload get this answer, the others are appended.
    case failingOne(String, JournalError)
  }

  private struct State {
    var mode = Mode.healthy
    var held: [BatchID: SequenceNumber] = [:]
    var deadlines: [ContinuousClock.Instant] = []
    var tries = 0
    var probes = 0
    var unfinished = 0
    var mostUnfinished = 0
  }

  let inner: SQLiteJournal
  private let state = Mutex(State())

  init(_ inner: SQLiteJournal) { self.inner = inner }

  var mode: Mode {
    get { state.withLock { $0.mode } }
    set { state.withLock { $0.mode = newValue } }
  }

  /// Of each append, in order.
  var deadlines: [ContinuousClock.Instant] { state.withLock { $0.deadlines } }
  var tries: Int { state.withLock { $0.tries } }
  var probes: Int { state.withLock { $0.probes } }
  var mostUnfinished: Int { state.withLock { $0.mostUnfinished } }

  func append(
    _ batch: NewBatch, deadline: ContinuousClock.Instant,
    completion: @escaping @Sendable (Result<AppendOutcome, JournalError>) -> Void
  ) {
    let (mode, earlier) = state.withLock { state in
      state.tries += 1
      state.deadlines.append(deadline)
      return (state.mode, state.held[batch.id])
    }
    switch mode {
    case .failing(let error): return completion(.failure(error))
    case .failingOne(let payload, let error) where payload.utf8.elementsEqual(batch.payload):
      return completion(.failure(error))
    default: break
    }
    if let earlier { return completion(.success(.duplicate(of: earlier))) }
    state.withLock { state in
      state.held[batch.id] = .first
      state.unfinished += 1
      state.mostUnfinished = max(state.mostUnfinished, state.unfinished)
    }
    inner.append(batch, deadline: .soon) { [self] result in
      state.withLock { state in
        state.unfinished -= 1
        if case .success(.appended(let first)) = result { state.held[batch.id] = first }
      }
      if case .silent = mode { completion(.failure(.deadlineExceeded)) } else { completion(result) }
    }
  }

  func batch(at first: SequenceNumber) async throws(JournalError) -> StoredBatch? { try await inner.batch(at: first) }

  func checkWritable() async throws(JournalError) {
    let mode = state.withLock { state in
      state.probes += 1
      return state.mode
    }
    if case .failing(let error) = mode { throw error }
  }
}
