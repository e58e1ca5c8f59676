import DequeModule
import Foundation
package import GatewayCore
import Synchronization

/// Looks names up in a few threads of its own, so that a name server which hangs holds up nothing but names.
///
/// - Equal names are looked up once for all who ask. Answers are remembered for 30 s, failures for 2 s, or three times as
///   long as they took: so names that hang have no thread three quarters of the time.
/// - A lookup cannot be taken back: one that hangs keeps its thread until the system gives up, and as many such names
///   as there are threads hold up other names that are not remembered. Who waits has a deadline of its own, and goes by
///   the last answer if it has one.
package final class Resolver: Sendable {
  package enum Answer: Sendable {
    /// In the system's order of preference; never empty.
    case addresses([IPAddress], validUntil: ContinuousClock.Instant)
    /// One sentence. A temporary one says nothing of the name: nobody could be asked.
    case failure(String, isTemporary: Bool = false)
  }

  /// Looks one name up, however long it takes.
  package typealias Lookup = @Sendable (_ name: String) throws(LookupFailure) -> [IPAddress]

  package static let addressesLifetime = Duration.seconds(30)
  package static let failureLifetime = Duration.seconds(2)
  /// A failure is remembered at least so many times as long as it took.
  private static let restAfterFailure = 3
  /// Names that wait for a thread; more fail at once.
  private static let queueLimit = 1024
  /// Names that are remembered; beyond it the table starts anew.
  private static let rememberedLimit = 4096

  private struct State {
    var remembered: [String: (answer: Answer, until: ContinuousClock.Instant)] = [:]
    var asking: [String: [@Sendable (Answer) -> Void]] = [:]
    var queue: Deque<String> = []
    var isStopped = false
  }

  private let state = Mutex(State())
  private let work = DispatchSemaphore(value: 0)
  private let threads: Int
  private let addressesLifetime: Duration
  private let failureLifetime: Duration

  package init(
    threads: Int = 16, addressesLifetime: Duration = addressesLifetime, failureLifetime: Duration = failureLifetime,
    lookup: @escaping Lookup = HostLookup.addresses
  ) {
    self.threads = threads
    self.addressesLifetime = addressesLifetime
    self.failureLifetime = failureLifetime
    for _ in 0..<threads {
      let thread = Thread { [self] in
        while let name = next() {
          let start = ContinuousClock.now
          let answer = answer(name, lookup)
          publish(name, answer, after: .now - start)
        }
      }
      thread.name = "resolver"
      thread.start()
    }
  }

  /// The answer if it is known. If not, nil, and `completion` is called once on a thread of the resolver's, unless it
  /// is stopped before.
  package func resolve(_ name: String, completion: @escaping @Sendable (Answer) -> Void) -> Answer? {
    let (answer, isNew) = state.withLock { state -> (Answer?, Bool) in
      if let (answer, until) = state.remembered[name], until > .now { return (answer, false) }
      if state.asking[name] == nil {
        guard state.queue.count < Self.queueLimit else {
          return (.failure("too many names wait to be looked up"), false)
        }
        state.queue.append(name)
        state.asking[name] = [completion]
        return (nil, true)
      }
      state.asking[name]?.append(completion)
      return (nil, false)
    }
    if isNew { work.signal() }
    return answer
  }

  /// Lets the threads go, except those that are held up by a lookup. What was asked for is not answered any more.
  package func stop() {
    let wasStopped = state.withLock { state in
      defer { state = State(isStopped: true) }
      return state.isStopped
    }
    guard !wasStopped else { return }
    for _ in 0..<threads { work.signal() }
  }

  /// Waits for a name to look up; nil to end.
  private func next() -> String? {
    while true {
      work.wait()
      let (name, isStopped) = state.withLock { ($0.queue.popFirst(), $0.isStopped) }
      if isStopped { return nil }
      if let name { return name }
    }
  }

  private func publish(_ name: String, _ answer: Answer, after duration: Duration) {
    let askers = state.withLock { state in
      if state.isStopped { return [] as [@Sendable (Answer) -> Void] }
      if state.remembered.count >= Self.rememberedLimit { state.remembered.removeAll() }
      state.remembered[name] = (answer, end(of: answer, after: duration))
      return state.asking.removeValue(forKey: name) ?? []
    }
    for asker in askers { asker(answer) }
  }

  private func answer(_ name: String, _ lookup: Lookup) -> Answer {
    do {
      return .addresses(try lookup(name), validUntil: .now + addressesLifetime)
    } catch {
      return .failure(
        "the name \(name) could not be resolved: \(error.reason)", isTemporary: error.isTemporary)
    }
  }

  private func end(of answer: Answer, after duration: Duration) -> ContinuousClock.Instant {
    switch answer {
    case .addresses(_, let validUntil): validUntil
    case .failure: .now + (failureLifetime > .zero ? max(failureLifetime, duration * Self.restAfterFailure) : .zero)
    }
  }
}
