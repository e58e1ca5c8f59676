import GatewayCore

/// The submissions of one loop that wait for a name's addresses, each until a moment of its own.
///
/// A name whose lookup is under way stays known when nobody waits for it any more, so that it is asked for only once.
struct PendingLookups {
  private struct Waiting {
    let submission: Submission
    let until: ContinuousClock.Instant
  }

  private var waiting: [String: [Waiting]] = [:]

  /// Nothing ends before this. It may be earlier than need be, because submissions leave without changing it.
  private(set) var nextDeadline: ContinuousClock.Instant?

  /// True if the name was not asked for yet, which the caller must do.
  ///
  /// - Parameter patience: How long it waits at most, where it need not wait until its own deadline.
  mutating func add(_ submission: Submission, for name: String, patience: Duration? = nil) -> Bool {
    let until = min(patience.map { .now + $0 } ?? submission.connectDeadline, submission.connectDeadline)
    nextDeadline = min(nextDeadline ?? until, until)
    let isNew = waiting[name] == nil
    waiting[name, default: []].append(Waiting(submission: submission, until: until))
    return isNew
  }

  /// The answer is there: those that waited for it.
  mutating func finish(_ name: String) -> [Submission] {
    waiting.removeValue(forKey: name)?.map(\.submission) ?? []
  }

  /// Takes out those whose time is over.
  mutating func expire(at now: ContinuousClock.Instant) -> [Submission] {
    guard let nextDeadline, nextDeadline <= now else { return [] }
    var expired: [Submission] = []
    self.nextDeadline = nil
    for (name, all) in waiting {
      expired += all.filter { $0.until <= now }.map(\.submission)
      let remaining = all.filter { $0.until > now }
      waiting[name] = remaining
      for one in remaining { self.nextDeadline = min(self.nextDeadline ?? one.until, one.until) }
    }
    return expired
  }

  /// Takes out those of a group.
  mutating func drain(_ group: RequestGroup) -> [Submission] {
    var drained: [Submission] = []
    for (name, all) in waiting {
      let ofGroup = all.filter { $0.submission.request.group === group }
      guard !ofGroup.isEmpty else { continue }
      drained += ofGroup.map(\.submission)
      waiting[name] = all.filter { $0.submission.request.group !== group }
    }
    return drained
  }

  /// Takes out all.
  mutating func drain() -> [Submission] {
    defer { self = PendingLookups() }
    return waiting.values.flatMap { $0.map(\.submission) }
  }
}
