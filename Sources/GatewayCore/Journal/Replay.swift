/// A span of history that is sent again to one subscriber, by a lane of its own.
package struct Replay: Hashable, Sendable {
  package enum State: String, Hashable, Sendable, CaseIterable, Codable {
    case running
    /// By an operator, until one resumes it.
    case paused
    case done
    case cancelled

    /// Whether it has still something to do.
    package var isOpen: Bool { self == .running || self == .paused }
  }

  package var id: ReplayID
  package var subscriber: String
  /// The span in the journal: from `start` to just before `end`.
  package var start: SequenceNumber
  package var end: SequenceNumber
  /// The span as it was asked for, or came out.
  package var from: Timestamp
  package var to: Timestamp
  /// Of what the subscriber wants, only these; empty: all of it.
  package var events: [EventPattern]
  /// Its own limit; nil: none besides the subscriber's.
  package var rateLimit: RateLimit?
  package var state: State
  package var createdAt: Timestamp
  /// Nil while it is open.
  package var endedAt: Timestamp?
  /// How many events it was to send when it was made.
  package var totalEvents: Int
  /// Whether it is as many: not where the subscriber has a `match`.
  package var isExact: Bool

  package init(
    id: ReplayID, subscriber: String, start: SequenceNumber, end: SequenceNumber, from: Timestamp, to: Timestamp,
    events: [EventPattern] = [], rateLimit: RateLimit? = nil, state: State = .running, createdAt: Timestamp,
    endedAt: Timestamp? = nil, totalEvents: Int, isExact: Bool
  ) {
    self.id = id
    self.subscriber = subscriber
    self.start = start
    self.end = end
    self.from = from
    self.to = to
    self.events = events
    self.rateLimit = rateLimit
    self.state = state
    self.createdAt = createdAt
    self.endedAt = endedAt
    self.totalEvents = totalEvents
    self.isExact = isExact
  }

  /// Whether events of this kind are in it, as far as it decides.
  package func includes(_ kind: EventKind) -> Bool {
    events.isEmpty || events.contains { $0.matches(type: kind.type, command: kind.command) }
  }
}
