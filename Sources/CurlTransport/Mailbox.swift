import CCurl
import Foundation
import GatewayCore
import Synchronization

/// How other threads reach a `TransferLoop`: a queue, and a descriptor that is readable when the loop must wake up.
///
/// It has no bound of its own: it holds what the senders have in flight. The descriptor is written only while the loop
/// waits, so a busy loop costs its senders no system call.
final class Mailbox: Sendable {
  enum Message: Sendable {
    case send(Submission)
    case apply(AddressPolicy)
    case cut(RequestGroup)
    case looked(up: String, Resolver.Answer)
  }

  private struct State {
    var messages: [Message] = []
    var isClosed = false
    var isLoopWaiting = false

    /// Whether the loop waits, which the caller ends.
    mutating func endWait() -> Bool {
      defer { isLoopWaiting = false }
      return isLoopWaiting
    }
  }

  /// For the loop to wait on.
  let descriptor: Int32
  private let state = Mutex(State())

  init() {
    descriptor = eventfd(0, Int32(EFD_CLOEXEC) | Int32(EFD_NONBLOCK))
    precondition(descriptor >= 0, "no descriptor for the transport: \(String(cString: strerror(errno)))")
  }

  deinit { Foundation.close(descriptor) }

  /// False if the mailbox is closed and the message was not taken.
  func post(_ message: Message) -> Bool {
    let (isTaken, mustWake) = state.withLock { state in
      guard !state.isClosed else { return (false, false) }
      state.messages.append(message)
      return (true, state.endWait())
    }
    if mustWake { wake() }
    return isTaken
  }

  func close() {
    let mustWake = state.withLock { state in
      state.isClosed = true
      return state.endWait()
    }
    if mustWake { wake() }
  }

  /// For the loop: everything posted since.
  func take() -> (messages: [Message], isClosed: Bool) {
    state.withLock { state in
      var messages: [Message] = []
      swap(&messages, &state.messages)
      state.isLoopWaiting = false
      return (messages, state.isClosed)
    }
  }

  /// For the loop, before it waits: false if it must not, because there is something to take.
  func prepareToWait() -> Bool {
    state.withLock { state in
      state.isLoopWaiting = state.messages.isEmpty && !state.isClosed
      return state.isLoopWaiting
    }
  }

  /// For the loop, when the descriptor is readable.
  func acknowledgeWake() {
    var count: eventfd_t = 0
    _ = eventfd_read(descriptor, &count)
  }

  private func wake() { _ = eventfd_write(descriptor, 1) }
}
