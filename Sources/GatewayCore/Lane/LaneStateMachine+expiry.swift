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

  /// To be called before the exceptions are read that `expire` is then given.
  package mutating func beginExpiry() { endedDuringExpiry = [] }

  /// The exceptions could not be read.
  package mutating func cancelExpiry() { endedDuringExpiry = nil }

  /// Gives up everything below `limit` that is not delivered: it becomes one expired range. What has ended since
  /// `beginExpiry` is left to the next time.
  ///
  /// - Parameters:
  ///   - exceptions: Those below `limit`, as the journal has them: retrying, parked and, where they shall go too, dead.
  ///   - unscanned: How many wanted events lie from `scanned` to `limit`.
  ///   - acceptedAt: When the first event given up was accepted.
  /// - Returns: How many events have expired; dead ones are not counted a second time.
  package mutating func expire(
    below limit: SequenceNumber, exceptions: [DeliveryException], unscanned: Int, acceptedAt: Timestamp,
    reason: String, now: Timestamp
  ) -> Int {
    let dropped = dropFromWindow(below: limit, now: now)
    let stale = Set(changes.keys).union(outstanding?.changes.keys.map { $0 } ?? []).union(endedDuringExpiry ?? [])
    endedDuringExpiry = nil
    ready.removeAll { $0.first < limit }
    var firsts = dropped.firsts + (scanned < limit ? [scanned] : [])
    var count = dropped.events + unscanned
    for exception in exceptions where exception.first < limit && !stale.contains(exception.first) {
      if exception.state == .parked {
        let expired = expire(exception, below: limit)
        count += expired
        if expired > 0, changes[exception.first] == .some(nil) { firsts.append(exception.first) }
      } else if underWay[exception.first] == nil {
        changes[exception.first] = .some(nil)
        firsts.append(exception.first)
        guard exception.state == .retrying else { continue }
        retrying -= 1
        waitingEvents -= exception.eventCount
        count += exception.eventCount
        release(onceRecorded: exception.keys)
      }
    }
    if let first = firsts.min(), count > 0 {
      changes[first] = DeliveryException(
        first: first, last: SequenceNumber(rawValue: limit.rawValue - 1), eventCount: count, state: .expired,
        acceptedAt: acceptedAt, attempts: 0, dueAt: now, firstAttemptAt: clock.reading(at: now), endedAt: now,
        lastError: reason)
    }
    pass(to: limit)
    return count
  }

  private mutating func dropFromWindow(
    below limit: SequenceNumber, now: Timestamp
  ) -> (firsts: [SequenceNumber], events: Int) {
    var dropped: Set<Int> = []
    var turns: [OrderingKey] = []
    for slot in window.slots(below: limit) {
      switch window[slot].state {
      // An attempt that is under way is left to end; until then its event is owed.
      case .inFlight: writeOut(slot, now: now)
      case .waiting:
        dropped.insert(slot)
        if let key = window[slot].key { turns.append(key) }
      case .queued:
        dropped.insert(slot)
        if let key = window[slot].key { lines[key]?.queued.removeAll { $0 == slot } }
      case .settled: break
      }
    }
    let slots = dropped.sorted()
    let firsts = slots.map { window[$0].sequence }
    let events = slots.reduce(0) { $0 + window[$1].eventCount }
    window.withdraw(dropped)
    for slot in slots { window.settle(slot) }
    release(turns)
    return (firsts, events)
  }

  /// Takes from a parked run what lies below a limit; returns how many events that is. One that is in flight is left to
  /// end.
  private mutating func expire(_ run: DeliveryException, below limit: SequenceNumber) -> Int {
    guard let key = run.keys.first ?? nil, let members = run.parkedMembers,
      let place = lines[key]?.runs.firstIndex(where: { $0.first == run.first })
    else { return 0 }
    let inFlight = underWay[run.first]?.eventCount ?? 0
    let rest = Array(members.prefix(inFlight) + members.dropFirst(inFlight).drop { $0 < limit })
    let count = members.count - rest.count
    waitingEvents -= count
    changes[run.first] = .some(nil)
    if rest.isEmpty {
      lines[key]?.runs.remove(at: place)
      parkedRuns -= 1
    } else {
      var remaining = run
      remaining.setParked(rest)
      lines[key]?.runs[place] = remaining
      changes[remaining.first] = remaining
    }
    if place == 0, inFlight == 0 { firstRunChanged(of: key) }
    return count
  }

  private mutating func firstRunChanged(of key: OrderingKey) {
    guard let line = lines[key] else { return }
    lines[key]?.loaded = []
    if line.holder == .scan, line.runs.isEmpty { return release([key]) }
    guard line.holder == .run else { return }
    readyRuns.removeAll { $0 == key }
    if line.runs.isEmpty {
      runTurns.removeAll { $0 == key }
      release([key])
    } else if loadingRuns[key] == nil, !runTurns.contains(key) {
      runTurns.append(key)
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
