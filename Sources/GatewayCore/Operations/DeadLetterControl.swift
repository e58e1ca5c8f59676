/// Looking at what was given up, sending it again, and deleting it.
package protocol DeadLetterControl: Sendable {
  /// By subscriber, then in the order of acceptance; a bounded number is looked at.
  func deadLetters(_ query: DeadLetterQuery) async throws(ControlError) -> DeadLetterPage
  func deadLetter(_ reference: DeadLetterReference) async throws(ControlError) -> DeadLetterStory
  /// Sends a bounded number of them again, under the ids that their events have.
  func replay(_ selection: DeadLetterSelection) async throws(ControlError) -> DeadLetterAction
  /// Deletes a bounded number of them.
  func discard(_ selection: DeadLetterSelection) async throws(ControlError) -> DeadLetterAction
}

/// Names one dead letter: the lane that it is in, and the number of its first event.
package struct DeadLetterID: Hashable, Sendable, Comparable, CustomStringConvertible {
  package var lane: LaneID
  package var first: SequenceNumber

  package init(lane: LaneID, first: SequenceNumber) {
    self.lane = lane
    self.first = first
  }

  /// Nil unless it is two numbers from 1 with a hyphen between them, of at most 18 digits without leading zeros.
  package init?(_ text: some StringProtocol) {
    let parts = text.split(separator: "-", omittingEmptySubsequences: false).map { Int64($0) }
    guard parts.count == 2, let lane = parts[0], let first = parts[1], lane > 0, first > 0,
      max(lane, first) < Self.beyond
    else { return nil }
    self.init(lane: LaneID(rawValue: lane), first: SequenceNumber(rawValue: first))
    guard description == text else { return nil }
  }

  /// There is room to count on from any number below it.
  private static let beyond: Int64 = 1_000_000_000_000_000_000

  package var description: String { "\(lane.rawValue)-\(first)" }

  package static func < (left: DeadLetterID, right: DeadLetterID) -> Bool {
    (left.lane.rawValue, left.first) < (right.lane.rawValue, right.first)
  }
}

/// How an operator names a dead letter.
package enum DeadLetterReference: Hashable, Sendable {
  case id(DeadLetterID)
  /// By its event, wherever that is dead.
  case event(EventID)

  package init?(_ text: String) {
    if let id = DeadLetterID(text) {
      self = .id(id)
    } else if let event = EventID(text), event.description == text {
      self = .event(event)
    } else {
      return nil
    }
  }
}

/// Which dead letters are meant: those that all that is given here holds for.
package struct DeadLetterSelection: Hashable, Sendable {
  package var references: [DeadLetterReference]?
  package var subscriber: String?
  /// Given up at or after this.
  package var from: Timestamp?
  /// Given up before this.
  package var to: Timestamp?
  /// Stands in the last error; case does not matter.
  package var error: String?

  package init(
    references: [DeadLetterReference]? = nil, subscriber: String? = nil, from: Timestamp? = nil, to: Timestamp? = nil,
    error: String? = nil
  ) {
    self.references = references
    self.subscriber = subscriber
    self.from = from
    self.to = to
    self.error = error
  }

  /// Whether it says anything at all.
  package var isEmpty: Bool { self == DeadLetterSelection() }

  /// Whether it holds for an exception, as far as that tells.
  package func holds(for exception: DeliveryException) -> Bool {
    guard let endedAt = exception.endedAt else { return false }
    if let from, endedAt < from { return false }
    if let to, endedAt >= to { return false }
    return error.map { exception.lastError.lowercased().contains($0.lowercased()) } ?? true
  }
}

package struct DeadLetterQuery: Hashable, Sendable {
  package var selection: DeadLetterSelection
  /// The most that is returned.
  package var limit: Int
  /// Behind which to go on; nil: at the beginning.
  package var after: DeadLetterID?

  package init(selection: DeadLetterSelection, limit: Int, after: DeadLetterID? = nil) {
    self.selection = selection
    self.limit = limit
    self.after = after
  }
}

package struct DeadLetter: Hashable, Sendable {
  package var id: DeadLetterID
  package var subscriber: String
  /// The replay in which it died.
  package var replay: ReplayID?
  package var exception: DeliveryException
  /// The first of its events, and what it is; nil where its callback is no longer retained.
  package var event: EventID?
  package var kind: EventKind?

  package init(
    id: DeadLetterID, subscriber: String, replay: ReplayID?, exception: DeliveryException, event: EventID?,
    kind: EventKind?
  ) {
    self.id = id
    self.subscriber = subscriber
    self.replay = replay
    self.exception = exception
    self.event = event
    self.kind = kind
  }
}

package struct DeadLetterPage: Hashable, Sendable {
  package var deadLetters: [DeadLetter]
  /// The last one looked at; nil at the end.
  package var last: DeadLetterID?

  package init(deadLetters: [DeadLetter], last: DeadLetterID?) {
    self.deadLetters = deadLetters
    self.last = last
  }
}

package struct DeadLetterStory: Sendable {
  package var deadLetter: DeadLetter
  /// All its events, as far as they are retained; a bounded number.
  package var events: [EventID]
  /// As an attempt makes it, without what nobody may see; nil where it can no longer be made.
  package var request: ShownRequest?
  /// Those kept, oldest first.
  package var attempts: [AttemptRecord]

  package init(deadLetter: DeadLetter, events: [EventID], request: ShownRequest?, attempts: [AttemptRecord]) {
    self.deadLetter = deadLetter
    self.events = events
    self.request = request
    self.attempts = attempts
  }
}

/// A request as an operator may see it.
package struct ShownRequest: Sendable {
  package var url: String
  package var headers: [(name: String, value: String)]
  package var body: [UInt8]

  package init(url: String, headers: [(name: String, value: String)], body: [UInt8]) {
    self.url = url
    self.headers = headers
    self.body = body
  }
}

/// What one call has done.
package struct DeadLetterAction: Sendable {
  package var deadLetters: Int
  package var events: Int
  /// Whether there are more.
  package var hasMore: Bool
  /// What `switchyard-replay` says on those that were sent again.
  package var replay: ReplayID?
  /// Those made of expired ranges.
  package var replays: [ReplayStatus]

  package init(
    deadLetters: Int = 0, events: Int = 0, hasMore: Bool = false, replay: ReplayID? = nil, replays: [ReplayStatus] = []
  ) {
    self.deadLetters = deadLetters
    self.events = events
    self.hasMore = hasMore
    self.replay = replay
    self.replays = replays
  }
}
