/// One attempt as it is remembered: in the journal if it failed or was a retry, else for a while in memory.
package struct AttemptRecord: Hashable, Sendable {
  /// When it ended.
  package var at: Timestamp
  /// The first of its events.
  package var first: SequenceNumber
  /// The last of them; of a callback that is sent as it came, the callback's last.
  package var last: SequenceNumber
  /// Which they are, where it was a batch of several; else all from `first` to `last`.
  package var members: [SequenceNumber]
  package var eventCount: Int
  /// 1 for the first.
  package var attempt: Int
  package var outcome: AttemptOutcome
  package var status: Int?
  package var duration: Duration
  package var error: String?
  /// The beginning of what was answered, of a failure.
  package var answer: AttemptResult.Answer?
  /// Which replay it belonged to.
  package var replay: ReplayID?

  package init(
    at: Timestamp, first: SequenceNumber, last: SequenceNumber, members: [SequenceNumber] = [], eventCount: Int = 1,
    attempt: Int, outcome: AttemptOutcome, status: Int? = nil, duration: Duration, error: String? = nil,
    answer: AttemptResult.Answer? = nil, replay: ReplayID? = nil
  ) {
    self.at = at
    self.first = first
    self.last = last
    self.members = members
    self.eventCount = eventCount
    self.attempt = attempt
    self.outcome = outcome
    self.status = status
    self.duration = duration
    self.error = error
    self.answer = answer
    self.replay = replay
  }

  package func carried(_ event: SequenceNumber) -> Bool {
    members.isEmpty ? first <= event && event <= last : members.contains(event)
  }
}
