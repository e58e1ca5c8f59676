import GatewayCore
import OrderedCollections
import Synchronization

/// The lanes that run, and which of them want what: asked by the journal after each commit, so it answers quickly.
final class LaneBoard: Sendable {
  private struct State {
    var lanes: OrderedDictionary<String, Lane> = [:]
    /// Computed once a kind and routes version.
    var wanting: [EventKind: [Lane]] = [:]
    var isRinging = true
  }

  private let state = Mutex(State())

  var lanes: OrderedDictionary<String, Lane> { state.withLock { $0.lanes } }

  func add(_ lane: Lane) { change { $0.lanes[lane.record.subscriber] = lane } }

  func remove(_ name: String) { change { $0.lanes[name] = nil } }

  /// Subscribers want other things than before.
  func routesChanged() { change { _ in } }

  /// Pokes the lanes that want events of these kinds.
  func wake(for kinds: Set<EventKind>) {
    let woken = state.withLock { state in
      kinds.flatMap { kind in
        if let known = state.wanting[kind] { return known }
        let lanes = state.lanes.values.filter { $0.subscriber.wants(kind) }
        state.wanting[kind] = lanes
        return lanes
      }
    }
    for lane in woken { lane.mailbox.poke() }
  }

  /// Lets the lanes' alarms go off until it is told to stop.
  func ring(every tick: Duration, clock: WallClock) async {
    while state.withLock(\.isRinging) {
      try? await Task.sleep(for: tick)
      let now = clock().milliseconds
      for lane in lanes.values { lane.mailbox.ring(ifDueBy: now) }
    }
  }

  func stopRinging() { state.withLock { $0.isRinging = false } }

  private func change(_ body: (inout sending State) -> Void) {
    state.withLock { state in
      body(&state)
      state.wanting = [:]
    }
  }
}
