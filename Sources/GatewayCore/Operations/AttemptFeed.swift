import Synchronization

/// One attempt as those see it who watch.
package struct AttemptNotice: Hashable, Sendable {
  package var subscriber: String
  package var record: AttemptRecord
  /// The first of its events.
  package var event: EventID?
  package var kind: EventKind?

  package init(subscriber: String, record: AttemptRecord, event: EventID?, kind: EventKind?) {
    self.subscriber = subscriber
    self.record = record
    self.event = event
    self.kind = kind
  }
}

/// Passes attempts on to whoever watches, as they happen. It costs next to nothing while nobody does.
///
/// A listener that is too slow loses the newest and is told how many.
package final class AttemptFeed: Sendable {
  package enum Limit {
    package static let listeners = 64
    /// What waits for one listener.
    package static let waiting = 1024
  }

  /// What a listener gets.
  package enum Item: Hashable, Sendable {
    case attempt(AttemptNotice)
    /// So many were left out.
    case dropped(Int)
  }

  package typealias Wanted = @Sendable (AttemptNotice) -> Bool

  fileprivate struct Listener {
    var wanted: Wanted
    var continuation: AsyncStream<Item>.Continuation
    var dropped = 0
  }

  private struct State {
    var listeners: [Int: Listener] = [:]
    var next = 0
  }

  private let state = Mutex(State())
  private let listening = Atomic(false)

  package init() {}

  /// Whether anybody watches: a notice need not be made otherwise.
  package var hasListeners: Bool { listening.load(ordering: .relaxed) }

  package func publish(_ notice: AttemptNotice) {
    state.withLock { state in
      for (id, listener) in state.listeners where listener.wanted(notice) {
        state.listeners[id]?.offer(notice)
      }
    }
  }

  /// Those that are wanted from now on, until the stream is let go of; nil if there are too many listeners.
  package func listen(_ wanted: @escaping Wanted) -> AsyncStream<Item>? {
    let (stream, continuation) = AsyncStream<Item>.makeStream(bufferingPolicy: .bufferingOldest(Limit.waiting))
    let id = state.withLock { state -> Int? in
      guard state.listeners.count < Limit.listeners else { return nil }
      state.next += 1
      state.listeners[state.next] = Listener(wanted: wanted, continuation: continuation)
      listening.store(true, ordering: .relaxed)
      return state.next
    }
    guard let id else { return nil }
    continuation.onTermination = { [weak self] _ in self?.remove(id) }
    return stream
  }

  private func remove(_ id: Int) {
    state.withLock { state in
      state.listeners[id] = nil
      listening.store(!state.listeners.isEmpty, ordering: .relaxed)
    }
  }
}

extension AttemptFeed.Listener {
  fileprivate mutating func offer(_ notice: AttemptNotice) {
    if dropped > 0 {
      guard case .enqueued = continuation.yield(.dropped(dropped)) else { return dropped += 1 }
      dropped = 0
    }
    if case .dropped = continuation.yield(.attempt(notice)) { dropped += 1 }
  }
}
