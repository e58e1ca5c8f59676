import Synchronization

/// Where a journal ends: shared by the journal, which moves it after each commit, and by the lanes, which wait for it.
///
/// It holds one entry a kind, not one a batch, so a slow reader costs nothing.
package final class JournalHead: Sendable {
  /// What is known of one kind.
  package struct Kind: Hashable, Sendable {
    /// All its events ever appended, also those no longer retained, as far as the journal counts.
    package var total: Int
    /// Just past its newest event: a lane at or beyond this has nothing of this kind before it.
    package var end: SequenceNumber

    package init(total: Int, end: SequenceNumber) {
      self.total = total
      self.end = end
    }
  }

  /// Kinds that have an entry of their own. Further commands are counted by app and type alone, under an empty command:
  /// that entry may stand for any command, and `look` takes it for wanted.
  package static let singleKinds = 4096

  /// Called after the head has moved, with the kinds that were appended. Must be quick and must not call back.
  package typealias Observer = @Sendable (Set<EventKind>) -> Void

  private struct State {
    var next: SequenceNumber
    var kinds: [EventKind: Kind]
    var observer: Observer?
  }

  private let state: Mutex<State>

  package init(next: SequenceNumber, kinds: [EventKind: Kind] = [:]) {
    state = Mutex(State(next: next, kinds: kinds))
  }

  /// The first number that is not yet taken: everything below is committed.
  package var next: SequenceNumber { state.withLock { $0.next } }

  package var kinds: [EventKind: Kind] { state.withLock { $0.kinds } }

  /// The head and whether anything wanted lies at or after `position`, seen in one moment.
  package func look(from position: SequenceNumber, wanted: (EventKind) -> Bool) -> (
    next: SequenceNumber, hasWanted: Bool
  ) {
    state.withLock { state in
      (state.next, state.kinds.contains { $0.value.end > position && ($0.key.command.isEmpty || wanted($0.key)) })
    }
  }

  /// All events of the wanted kinds ever appended.
  package func total(wanted: (EventKind) -> Bool) -> Int {
    state.withLock { state in
      state.kinds.reduce(into: 0) { sum, entry in if wanted(entry.key) { sum += entry.value.total } }
    }
  }

  /// There is one observer: the lanes' scheduler.
  package func observe(_ observer: @escaping Observer) { state.withLock { $0.observer = observer } }

  /// For journals: batches have been committed that end at `next`.
  package func advance(to next: SequenceNumber, appended: [(kind: EventKind, end: SequenceNumber, eventCount: Int)]) {
    let observer = state.withLock { state in
      precondition(next >= state.next, "the head of a journal never goes back")
      state.next = next
      for batch in appended {
        let kind = Self.entry(for: batch.kind, in: state.kinds)
        state.kinds[kind, default: Kind(total: 0, end: batch.end)].total += batch.eventCount
        state.kinds[kind]?.end = batch.end
      }
      return state.observer
    }
    observer?(Set(appended.map(\.kind)))
  }

  /// Under which of the entries events of a kind are counted: its own, or once there are `singleKinds`, that of all
  /// further commands.
  package static func entry(for kind: EventKind, in kinds: [EventKind: Kind]) -> EventKind {
    guard kinds[kind] == nil, kinds.count >= singleKinds else { return kind }
    return EventKind(app: kind.app, type: kind.type, command: "")
  }
}
