// What operators ask for.

extension LaneStateMachine {
  /// Nothing is sent from now on until `resume`, whatever the settings become.
  package mutating func pause(now: Timestamp) {
    if hold.pausedAt == nil { hold.pausedAt = now }
    tick(now: now)
  }

  /// Ends whatever holds it, but for the settings: a pause, a 410, a `Retry-After`, an open breaker, and the waiting for
  /// the next attempt.
  package mutating func resume(now: Timestamp) {
    let wasRefused = hold.goneURL != nil || hold.until != nil || breaker.isOpen
    hold = LaneHold()
    dueBy = now
    for case let (first, change?) in changes where change.state == .retrying {
      var change = change
      change.dueAt = min(change.dueAt, now)
      changes[first] = change
    }
    if wasRefused {
      breaker.recover()
      window.sortTurns()
    }
    tick(now: now)
  }

  /// Takes dead letters back: each is owed as if it had never been tried. Those that are not dead letters (any more), and
  /// those that there is no room for, are left out.
  ///
  /// They hold back no others of their ordering keys, which have gone on without them.
  ///
  /// - Parameter exceptions: As the journal has them, read since the last change of any of them was recorded.
  /// - Returns: Those that were taken.
  package mutating func revive(_ exceptions: [DeliveryException], as replay: ReplayID, now: Timestamp)
    -> [DeliveryException]
  {
    let held = heldExceptions
    var revived: [DeliveryException] = []
    for exception in exceptions where exception.state == .dead && !held.contains(exception.first) {
      guard retrying < Limit.revived else { break }
      var taken = exception
      taken.state = .retrying
      taken.keys = []
      taken.attempts = 0
      taken.dueAt = now
      taken.firstAttemptAt = clock.reading(at: now)
      taken.endedAt = nil
      taken.replay = replay
      changes[taken.first] = taken
      // What is being read of it to be given up is out of date.
      endedDuringExpiry?.insert(taken.first)
      retrying += 1
      waitingEvents += taken.eventCount
      revived.append(taken)
    }
    return revived
  }
}
