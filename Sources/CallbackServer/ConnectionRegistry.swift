import NIOCore
import Synchronization

/// The connections that are open, or whose callback the journal still holds.
final class ConnectionRegistry: Sendable {
  /// Sent through the pipeline of every connection; either admits no more.
  enum Signal: Sendable {
    /// Finish what is under way, then close.
    case stop
    /// Close now.
    case abort
  }

  enum Admission { case added, full, stopping }

  private struct State {
    var isStopping = false
    var channels: [ObjectIdentifier: any Channel] = [:]
    var emptied: CheckedContinuation<Void, Never>?
  }

  private let capacity: Int
  private let state = Mutex(State())

  init(capacity: Int) { self.capacity = capacity }

  func add(_ channel: any Channel) -> Admission {
    state.withLock { state in
      if state.isStopping { return .stopping }
      guard state.channels.count < capacity else { return .full }
      state.channels[ObjectIdentifier(channel)] = channel
      return .added
    }
  }

  func remove(_ channel: any Channel) {
    let emptied = state.withLock { state in
      state.channels[ObjectIdentifier(channel)] = nil
      return state.channels.isEmpty ? state.emptied.take() : nil
    }
    emptied?.resume()
  }

  func send(_ signal: Signal) {
    let channels = state.withLock { state in
      state.isStopping = true
      return Array(state.channels.values)
    }
    for channel in channels {
      channel.pipeline.fireUserInboundEventTriggered(signal)
    }
  }

  /// Returns when there is none left. One caller at a time.
  func waitUntilEmpty() async {
    await withCheckedContinuation { continuation in
      let isEmpty = state.withLock { state in
        if !state.channels.isEmpty { state.emptied = continuation }
        return state.channels.isEmpty
      }
      if isEmpty { continuation.resume() }
    }
  }
}
