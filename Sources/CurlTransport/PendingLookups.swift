/// The submissions of one loop that wait for a name's addresses, each until its own deadline.
///
/// A name whose lookup is under way stays known when nobody waits for it any more, so that it is asked for only once.
struct PendingLookups {
  private var waiting: [String: [Submission]] = [:]

  /// Nothing ends before this. It may be earlier than need be, because submissions leave without changing it.
  private(set) var nextDeadline: ContinuousClock.Instant?

  /// True if the name was not asked for yet, which the caller must do.
  mutating func add(_ submission: Submission, for name: String) -> Bool {
    nextDeadline = min(nextDeadline ?? submission.connectDeadline, submission.connectDeadline)
    let isNew = waiting[name] == nil
    waiting[name, default: []].append(submission)
    return isNew
  }

  /// The answer is there: those that waited for it.
  mutating func finish(_ name: String) -> [Submission] { waiting.removeValue(forKey: name) ?? [] }

  /// Takes out those whose time is over.
  mutating func expire(at now: ContinuousClock.Instant) -> [Submission] {
    guard let nextDeadline, nextDeadline <= now else { return [] }
    var expired: [Submission] = []
    self.nextDeadline = nil
    for (name, submissions) in waiting {
      let isOver = { (submission: Submission) in submission.connectDeadline <= now }
      expired += submissions.filter(isOver)
      let remaining = submissions.filter { !isOver($0) }
      waiting[name] = remaining
      for submission in remaining {
        self.nextDeadline = min(self.nextDeadline ?? submission.connectDeadline, submission.connectDeadline)
      }
    }
    return expired
  }

  /// Takes out all.
  mutating func drain() -> [Submission] {
    defer { self = PendingLookups() }
    return waiting.values.flatMap { $0 }
  }
}
