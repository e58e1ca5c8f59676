import GatewayCore
import Synchronization

/// What somebody waits for who has asked something of a lane: given once, when it is on disk or cannot be.
final class LaneAnswer: Sendable {
  typealias Value = Result<LaneOutcome, JournalError>

  private let continuation: Mutex<CheckedContinuation<Value, Never>?>

  init(_ continuation: CheckedContinuation<Value, Never>) { self.continuation = Mutex(continuation) }

  /// The first counts.
  func give(_ value: Value) {
    let waiting = continuation.withLock { waiting in
      defer { waiting = nil }
      return waiting
    }
    waiting?.resume(returning: value)
  }
}

/// What became of something that was asked of a lane.
struct LaneOutcome: Hashable, Sendable {
  var exceptions = 0
  var events = 0
}

/// Those that wait for an answer of one lane: all get one, also when the lane ends.
final class LaneAnswers: Sendable {
  private struct State {
    var waiting: [LaneAnswer] = []
    var isClosed = false
  }

  private let state = Mutex(State())

  /// Whether nobody waits.
  var isEmpty: Bool { state.withLock(\.waiting.isEmpty) }

  /// False once the lane has ended.
  func add(_ answer: LaneAnswer) -> Bool {
    state.withLock { state in
      guard !state.isClosed else { return false }
      state.waiting.append(answer)
      return true
    }
  }

  func remove(_ answer: LaneAnswer) { state.withLock { $0.waiting.removeAll { $0 === answer } } }

  func close() {
    let waiting = state.withLock { state in
      state.isClosed = true
      defer { state.waiting = [] }
      return state.waiting
    }
    for answer in waiting { answer.give(.failure(.closed)) }
  }
}

extension Lane {
  /// Asks something of the lane's task, and waits until it is on disk, at most so long. What takes longer is done all the
  /// same.
  ///
  /// - Throws: `.closed` when the lane ends first, `.deadlineExceeded` when it takes longer.
  func ask(
    within patience: Duration, _ message: (LaneAnswer) -> LaneMessage
  ) async throws(JournalError) -> LaneOutcome {
    var timer: Task<Void, Never>?
    defer { timer?.cancel() }
    return try await ask { answer in
      timer = Task {
        guard (try? await Task.sleep(for: patience)) != nil else { return }
        answer.give(.failure(.deadlineExceeded))
      }
      return message(answer)
    }
  }

  /// Asks something of the lane's task, and waits until it is on disk.
  ///
  /// - Parameter start: Called when the message waits for the task, which may be started only then.
  /// - Throws: `.closed` when the lane ends first.
  func ask(start: () -> Void = {}, _ message: (LaneAnswer) -> LaneMessage) async throws(JournalError) -> LaneOutcome {
    let result = await withCheckedContinuation { continuation in
      let answer = LaneAnswer(continuation)
      if answers.add(answer) {
        mailbox.post(message(answer))
        start()
      } else {
        answer.give(.failure(.closed))
      }
    }
    return try result.get()
  }
}
