import GatewayCore
import OrderedCollections
import Synchronization

/// The lanes that run, and which of them want what: asked by the journal after each commit, so it answers quickly.
final class LaneBoard: Sendable {
  private struct State {
    var lanes: OrderedDictionary<String, Lane> = [:]
    /// Removed, and told to stop; they may still have something to record.
    var ending: [Lane] = []
    /// Computed once a kind and routes version.
    var wanting: [EventKind: [Lane]] = [:]
    /// Those of replays.
    var replays: OrderedDictionary<ReplayID, Lane> = [:]
    var isRinging = true
  }

  private let state = Mutex(State())

  var lanes: OrderedDictionary<String, Lane> { state.withLock { $0.lanes } }

  func add(_ lane: Lane) { change { $0.lanes[lane.record.subscriber] = lane } }

  func remove(_ name: String) {
    change { state in
      if let lane = state.lanes.removeValue(forKey: name) { state.ending.append(lane) }
    }
  }

  var replays: OrderedDictionary<ReplayID, Lane> { state.withLock { $0.replays } }

  func addReplay(_ lane: Lane, _ id: ReplayID) { state.withLock { $0.replays[id] = lane } }

  func removeReplay(_ id: ReplayID) {
    state.withLock { state in
      if let lane = state.replays.removeValue(forKey: id) { state.ending.append(lane) }
    }
  }

  /// Lanes that were removed and have not ended, oldest first.
  var ending: [Lane] {
    state.withLock { state in
      state.ending.removeAll(where: \.ended.isOpen)
      return state.ending
    }
  }

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
    for lane in woken where lane.waitsForNews { lane.mailbox.poke() }
  }

  /// Lets the lanes' alarms go off until it is told to stop.
  func ring(every tick: Duration, clock: WallClock) async {
    var last = clock().milliseconds
    while state.withLock(\.isRinging) {
      try? await Task.sleep(for: tick)
      let now = clock().milliseconds
      // A clock that was set back leaves alarms behind that lie far ahead.
      let isSetBack = now < last
      for lane in lanes.values.elements + ending + replays.values.elements {
        if isSetBack { lane.mailbox.poke() } else { lane.mailbox.ring(ifDueBy: now) }
      }
      last = now
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
