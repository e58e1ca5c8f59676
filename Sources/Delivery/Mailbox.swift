import Synchronization

/// What one task waits on: messages, pokes that carry nothing, and an alarm at a moment.
///
/// Any task or thread may post; one task takes. Pokes coalesce, so a mailbox holds no more than what is under way.
final class Mailbox<Message: Sendable>: Sendable {
  private struct State {
    var messages: [Message] = []
    var isPoked = false
    var waiter: CheckedContinuation<Void, Never>?
  }

  private let state = Mutex(State())
  private let alarm = Atomic<Int64>(.max)

  func post(_ message: Message) {
    state.withLock { state in
      state.messages.append(message)
      return Self.wake(&state)
    }?.resume()
  }

  /// Wakes the taker without a message.
  func poke() {
    state.withLock { state in
      state.isPoked = true
      return Self.wake(&state)
    }?.resume()
  }

  /// The next poke comes by itself at this moment, or shortly after.
  func setAlarm(_ moment: Int64) { alarm.store(moment, ordering: .relaxed) }

  /// Pokes if the alarm's moment has come; the alarm is then off.
  func ring(ifDueBy milliseconds: Int64) {
    guard alarm.load(ordering: .relaxed) <= milliseconds else { return }
    alarm.store(.max, ordering: .relaxed)
    poke()
  }

  /// Waits for a message or a poke and takes all messages that have come.
  func take() async -> [Message] {
    await withCheckedContinuation { continuation in
      let isReady = state.withLock { state in
        guard state.messages.isEmpty, !state.isPoked else { return true }
        precondition(state.waiter == nil, "a mailbox has one taker")
        state.waiter = continuation
        return false
      }
      if isReady { continuation.resume() }
    }
    return state.withLock { state in
      state.isPoked = false
      let taken = state.messages
      state.messages = []
      return taken
    }
  }

  private static func wake(_ state: inout State) -> CheckedContinuation<Void, Never>? {
    defer { state.waiter = nil }
    return state.waiter
  }
}
