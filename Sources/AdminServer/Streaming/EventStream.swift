import Synchronization

/// What waits to be written to one listener: producers put events in, the connection takes out all there are.
///
/// It holds a bounded number of bytes. An event that finds no room is left out, and `send` says so: the listener is
/// slower than what it listens to, and a producer that cares tells it later how much it missed.
final class EventStream: Sendable {
  private struct State {
    var pending = ""
    var hasEnded = false
    /// Whether anything was put in since the last look.
    var isBusy = false
  }

  private let capacity: Int
  private let state = Mutex(State())
  private let (signals, signal) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))

  /// - Parameter capacity: The bytes that may wait.
  init(capacity: Int) { self.capacity = capacity }

  /// False if the event was left out, for want of room or because the stream has ended.
  @discardableResult
  func send(_ event: ServerSentEvent) -> Bool { put(event.text) }

  /// What waits is still written, and nothing after it.
  func end() {
    state.withLock { $0.hasEnded = true }
    signal.yield()
  }

  var hasEnded: Bool { state.withLock { $0.hasEnded } }

  /// Shows the listener, and whatever stands between, that the stream goes on, if nothing else has since the last time.
  func beat() {
    let isIdle = state.withLock { state in
      defer { state.isBusy = false }
      return !state.isBusy && state.pending.isEmpty
    }
    if isIdle { put(":\n\n") }
  }

  /// Everything that waits, as soon as there is something; nil at the end, or when the task is cancelled. For one
  /// reader.
  func next() async -> String? {
    while true {
      let (text, hasEnded) = take()
      if !text.isEmpty { return text }
      guard !hasEnded, await signals.first(where: { _ in true }) != nil else { return nil }
    }
  }

  private func take() -> (text: String, hasEnded: Bool) {
    state.withLock { state in
      defer { state.pending = "" }
      return (state.pending, state.hasEnded)
    }
  }

  @discardableResult
  private func put(_ text: String) -> Bool {
    let fits = state.withLock { state in
      guard !state.hasEnded, state.pending.utf8.count + text.utf8.count <= capacity else { return false }
      state.pending += text
      state.isBusy = true
      return true
    }
    if fits { signal.yield() }
    return fits
  }
}
