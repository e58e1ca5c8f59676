import Dispatch
import Foundation
import GatewayCore
import Synchronization

/// One connection that is made again when it is lost, and a queue of its own on which statements wait for the server.
final class PostgresSession: Sendable {
  /// How long a connection may take to be made.
  static let connectTime: Duration = .seconds(3)
  /// How long the server is left alone that could not be reached: at first, and at most.
  static let firstPause: Duration = .milliseconds(50)
  static let longestPause: Duration = .seconds(1)

  private struct State: ~Copyable {
    var connection: PostgresConnection?
    var pause = PostgresSession.firstPause
    var nextTry: ContinuousClock.Instant?
    var lastFailure: PostgresFailure?
  }

  private let address: PostgresAddress
  private let queue: DispatchQueue
  /// The lock is there for the compiler: all of it is used on the queue alone.
  private let state: Mutex<State>
  private let waiting = Atomic(0)
  private let closed = Atomic(false)

  init(_ address: PostgresAddress, label: String) {
    self.address = address
    queue = DispatchQueue(label: "switchyard.postgres.\(label)")
    state = Mutex(State())
  }

  /// How many pieces of work wait for it or are under way.
  var load: Int { waiting.load(ordering: .relaxed) }

  /// Queues work on the connection; it is done in the order in which it was queued. `body` may run twice, on a new
  /// connection, when the one at hand turns out to be lost before anything was sent, or when `isRepeatable` says that
  /// this does no harm.
  func run<Value>(
    isRepeatable: Bool, _ body: @escaping @Sendable (PostgresConnection) throws(PostgresFailure) -> Value,
    completion: @escaping @Sendable (Result<Value, PostgresFailure>) -> Void
  ) {
    waiting.add(1, ordering: .relaxed)
    queue.async { [self] in
      let result = state.withLock { state in attempt(isRepeatable: isRepeatable, body, &state) }
      waiting.subtract(1, ordering: .relaxed)
      completion(result)
    }
  }

  /// The same for callers that can wait.
  func run<Value: Sendable>(
    isRepeatable: Bool, _ body: @escaping @Sendable (PostgresConnection) throws(PostgresFailure) -> Value
  ) async -> Result<Value, PostgresFailure> {
    await withCheckedContinuation { answer in
      run(isRepeatable: isRepeatable, body) { answer.resume(returning: $0) }
    }
  }

  /// The same for callers that wait no longer than this, whatever becomes of it then.
  func run<Value: Sendable>(
    within patience: Duration, _ body: @escaping @Sendable (PostgresConnection) throws(PostgresFailure) -> Value
  ) async -> Result<Value, PostgresFailure> {
    await withCheckedContinuation { continuation in
      let waiter = Waiter(continuation)
      DispatchQueue.global().asyncAfter(deadline: .now() + patience.inSeconds) { [address] in
        waiter.answer(.failure(.unknownOutcome("PostgreSQL did not answer within \(patience) at \(address.shown)")))
      }
      run(isRepeatable: true, body) { waiter.answer($0) }
    }
  }

  /// Ends the connection after what is queued; what is asked later fails.
  func close() async {
    await withCheckedContinuation { done in
      queue.async { [self] in
        closed.store(true, ordering: .releasing)
        state.withLock { $0.connection = nil }
        done.resume()
      }
    }
  }

  private func attempt<Value>(
    isRepeatable: Bool, _ body: (PostgresConnection) throws(PostgresFailure) -> Value, _ state: inout State
  ) -> Result<Value, PostgresFailure> {
    // A connection that has lain idle may be long gone: that is known once it is used.
    let wasOpen = state.connection != nil
    let result = once(body, &state)
    guard wasOpen, case .failure(let failure) = result else { return result }
    switch failure {
    case .unreachable: return once(body, &state)
    case .unknownOutcome where isRepeatable: return once(body, &state)
    default: return result
    }
  }

  private func once<Value>(_ body: (PostgresConnection) throws(PostgresFailure) -> Value, _ state: inout State)
    -> Result<Value, PostgresFailure>
  {
    do throws(PostgresFailure) {
      let connection = try connection(&state)
      return .success(try body(connection))
    } catch {
      if error.losesConnection { state.connection = nil }
      return .failure(error)
    }
  }

  private func connection(_ state: inout State) throws(PostgresFailure) -> PostgresConnection {
    guard !closed.load(ordering: .acquiring) else { throw .unreachable("the journal is closed") }
    if let connection = state.connection { return connection }
    if let next = state.nextTry, next > .now, let failure = state.lastFailure { throw failure }
    do throws(PostgresFailure) {
      let connection = try PostgresConnection(address, deadline: .now + Self.connectTime)
      state.connection = connection
      (state.pause, state.nextTry, state.lastFailure) = (Self.firstPause, nil, nil)
      return connection
    } catch {
      state.nextTry = .now + state.pause
      state.pause = min(state.pause * 2, Self.longestPause)
      state.lastFailure = error
      throw error
    }
  }
}

/// Somebody who gets the first of several answers.
private final class Waiter<Value: Sendable>: Sendable {
  private let continuation: Mutex<CheckedContinuation<Value, Never>?>

  init(_ continuation: CheckedContinuation<Value, Never>) { self.continuation = Mutex(continuation) }

  func answer(_ value: Value) {
    let waiting = continuation.withLock { waiting in
      defer { waiting = nil }
      return waiting
    }
    waiting?.resume(returning: value)
  }
}
