import DequeModule

// Making way.

extension LaneStateMachine {
  /// Writes out the oldest attempts in flight when they alone keep a full window from moving on.
  ///
  /// - Parameter isFull: Whether there is no room for more, though not for their number.
  package mutating func writeOutStragglers(now: Timestamp, isFull: Bool = false) {
    guard window.waiting == 0, !isStopped, !breaker.isOpen, scanCapacity == 0 || isFull else { return }
    while let slot = window.straggler(sentBefore: now - Limit.straggling) { writeOut(slot, now: now) }
  }

  /// Writes out what waits in front of deliveries that have been made, so that the cursor passes those and they are not
  /// repeated: for a lane that ends, when nothing is in flight.
  package mutating func writeOutWaiting(now: Timestamp) {
    while let slot = window.waitingBeforeSettled {
      var exception = exception(of: [slot], form: window[slot].form, dueAt: now, now: now)
      exception.attempts = 0
      retrying += 1
      waitingEvents += exception.eventCount
      write(exception, state: .retrying, error: "not tried yet", now: now)
      window.withdraw([slot])
      window.settle(slot)
      parkThoseBehind(exception.keys)
    }
  }

  /// To be called before the exceptions are read that `expire` is then given.
  package mutating func beginExpiry() { endedDuringExpiry = [] }

  /// The exceptions could not be read.
  package mutating func cancelExpiry() { endedDuringExpiry = nil }

  /// Gives up everything below `limit` that is not delivered: it becomes one expired range. An exception that has ended
  /// since `beginExpiry` is left to the next time, and so is what is in flight.
  ///
  /// - Parameters:
  ///   - exceptions: Those below `limit`, as the journal has them: retrying, parked and, where they shall go too, dead.
  ///   - unscanned: How many wanted events lie from `scanned` to `limit`, also those that an exception stands for.
  ///   - acceptedAt: When the first event given up was accepted, of those that are not in the window.
  /// - Returns: How many events have expired; dead ones are not counted a second time.
  package mutating func expire(
    below limit: SequenceNumber, exceptions: [DeliveryException], unscanned: Int, acceptedAt: Timestamp,
    reason: String, now: Timestamp
  ) -> Int {
    var firstUnknown = scanned
    while known[firstUnknown] != nil { firstUnknown = firstUnknown + 1 }
    var piece = GivenUp(events: max(0, unscanned - takeKnown(below: limit)), acceptedAt: acceptedAt)
    if firstUnknown < limit { piece.firsts.append(firstUnknown) }
    dropFromWindow(below: limit, &piece, now: now)
    expireRuns(below: limit, stored: exceptions.filter { $0.state == .parked }, &piece)
    // A batch that reaches further is left to the next time: after a crash the rest of it would be sent again.
    expire(exceptions.filter { $0.state != .parked && $0.last < limit }, &piece)
    endedDuringExpiry = nil
    ready.removeAll { $0.last < limit }
    if let first = piece.firsts.min(), piece.events > 0 {
      record(
        DeliveryException(
          first: first, last: SequenceNumber(rawValue: limit.rawValue - 1), eventCount: piece.events, state: .expired,
          acceptedAt: piece.acceptedAt, attempts: 0, dueAt: now, firstAttemptAt: clock.reading(at: now), endedAt: now,
          lastError: reason),
        now: now)
    }
    pass(to: limit)
    return piece.events
  }

  /// What one expiry gives up.
  struct GivenUp {
    var events: Int
    var acceptedAt: Timestamp
    /// Numbers that the range may begin at: no exception stands for them any more.
    var firsts: [SequenceNumber] = []
  }

  /// How many unscanned events below a limit an exception stands for; they are then no longer expected.
  private mutating func takeKnown(below limit: SequenceNumber) -> Int {
    let passed = known.filter { $0.key < limit }
    for (sequence, events) in passed {
      known[sequence] = nil
      knownEvents -= events
    }
    return passed.reduce(0) { $0 + ($1.key >= scanned ? $1.value : 0) }
  }

  /// One row for what is given up piece by piece, or a journal that is full for days would fill up with them.
  private mutating func record(_ range: DeliveryException, now: Timestamp) {
    if let last = lastExpired, let whole = last.joined(with: range, now: now) {
      if whole.range.first != last.range.first { changes[last.range.first] = .some(nil) }
      lastExpired = whole
    } else {
      lastExpired = ExpiredRange(range, now: now)
    }
    if let whole = lastExpired?.range { changes[whole.first] = whole }
  }

  private mutating func dropFromWindow(below limit: SequenceNumber, _ piece: inout GivenUp, now: Timestamp) {
    let slots = window.slots(below: limit)
    let dropped = slots.filter { window[$0].state != .inFlight }
    for slot in dropped {
      let entry = window[slot]
      piece.firsts.append(entry.sequence)
      piece.events += entry.eventCount
      piece.acceptedAt = min(piece.acceptedAt, entry.acceptedAt)
      guard let key = entry.key else { continue }
      if entry.state == .queued {
        lines[key]?.queued.removeAll { $0 == slot }
        unrecorded.insert(key)
      } else {
        release(onceRecorded: [key])
      }
    }
    window.withdraw(Set(dropped))
    for slot in dropped { window.settle(slot) }
    // An attempt that is under way is left to end; until then its event is owed.
    for slot in slots where window.isInFlight(slot) { writeOut(slot, now: now) }
  }

  private mutating func expire(_ exceptions: [DeliveryException], _ piece: inout GivenUp) {
    let stale = Set(changes.keys).union(outstanding?.changes.keys.map { $0 } ?? []).union(endedDuringExpiry ?? [])
    for exception in exceptions where !stale.contains(exception.first) && underWay[exception.first] == nil {
      changes[exception.first] = .some(nil)
      piece.firsts.append(exception.first)
      guard exception.state == .retrying else { continue }
      retrying -= 1
      waitingEvents -= exception.eventCount
      piece.events += exception.eventCount
      release(onceRecorded: exception.keys)
    }
  }

  private mutating func writeOut(_ slot: Int, now: Timestamp) {
    guard window.isInFlight(slot) else { return }
    let slots = batches[slot] ?? [slot]
    let form = batches[slot] == nil ? window[slot].form : .batch
    let exception = exception(of: slots, form: form, dueAt: now + settings.attemptTimeout, now: now)
    underWay[exception.first] = exception
    retrying += 1
    waitingEvents += exception.eventCount
    write(exception, state: .retrying, error: "an attempt was under way", now: now)
    for slot in slots { window.settle(slot) }
    parkThoseBehind(exception.keys)
  }
}
