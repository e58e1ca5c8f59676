/// Sending history again to one subscriber. Each change is on disk when it returns.
package protocol ReplayControl: Sendable {
  /// What a replay would send.
  func plan(_ request: ReplayRequest) async throws(ControlError) -> ReplayPlan
  func startReplay(_ request: ReplayRequest) async throws(ControlError) -> ReplayStatus
  /// Newest first.
  func replays(of subscriber: String?) async throws(ControlError) -> [ReplayStatus]
  func replay(_ id: ReplayID) async throws(ControlError) -> ReplayStatus
  func pauseReplay(_ id: ReplayID) async throws(ControlError) -> ReplayStatus
  func resumeReplay(_ id: ReplayID) async throws(ControlError) -> ReplayStatus
  func cancelReplay(_ id: ReplayID) async throws(ControlError) -> ReplayStatus
}

package struct ReplayRequest: Hashable, Sendable {
  package var subscriber: String
  package var from: Timestamp
  /// Nil: as far as live delivery has come.
  package var to: Timestamp?
  /// Of what the subscriber wants, only these; empty: all of it.
  package var events: [EventPattern]
  package var rateLimit: RateLimit?

  package init(
    subscriber: String, from: Timestamp, to: Timestamp? = nil, events: [EventPattern] = [], rateLimit: RateLimit? = nil
  ) {
    self.subscriber = subscriber
    self.from = from
    self.to = to
    self.events = events
    self.rateLimit = rateLimit
  }
}

package struct ReplayPlan: Hashable, Sendable {
  package var subscriber: String
  package var from: Timestamp
  package var to: Timestamp
  package var start: SequenceNumber
  package var end: SequenceNumber
  package var totalEvents: Int
  /// Not where the subscriber has a `match`, which is applied event by event.
  package var isExact: Bool

  package init(
    subscriber: String, from: Timestamp, to: Timestamp, start: SequenceNumber, end: SequenceNumber, totalEvents: Int,
    isExact: Bool
  ) {
    self.subscriber = subscriber
    self.from = from
    self.to = to
    self.start = start
    self.end = end
    self.totalEvents = totalEvents
    self.isExact = isExact
  }
}

/// A replay and how far it has come.
package struct ReplayStatus: Hashable, Sendable {
  package var replay: Replay
  /// Why it sends nothing now although it runs.
  package var reason: String?
  /// Events delivered, dead, not matching, or no longer retained.
  package var doneEvents: Int
  /// Events that have failed and are to be retried.
  package var waitingEvents: Int
  /// Events.
  package var deadLetters: Int

  package init(replay: Replay, reason: String?, doneEvents: Int, waitingEvents: Int, deadLetters: Int) {
    self.replay = replay
    self.reason = reason
    self.doneEvents = doneEvents
    self.waitingEvents = waitingEvents
    self.deadLetters = deadLetters
  }
}
