import DequeModule

// What comes in from the journal.

extension LaneStateMachine {
  private var windowLimit: Int {
    let asked = settings.concurrency * (settings.batch.map { 2 * $0.maxEvents } ?? 4)
    return max(Limit.window, min(asked, Limit.largestWindow))
  }

  /// How many more deliveries may be admitted now.
  package var scanCapacity: Int {
    // After a crash what is parked waits for what has to be scanned before it.
    guard !isStopped, parkedRuns < Limit.parkedRuns || !gates.isEmpty else { return 0 }
    let room = max(0, windowLimit - window.count)
    guard breaker.isOpen else { return room }
    // A subscriber that is down needs no more than something to probe it with. What is parked meanwhile is not that.
    guard parkedWhileOpen < Limit.probed || !hasExceptionToProbe else { return 0 }
    return min(room, max(0, Limit.probed - window.waiting))
  }

  /// Takes the next delivery owed. They come in journal order, each at or above `scanned`.
  ///
  /// - Parameters:
  ///   - key: Nil if nothing orders it.
  ///   - eventCount: How many events it stands for: of a callback that is sent as it came, those that are wanted.
  ///   - now: The moment; nil: when it was accepted.
  package mutating func admit(
    _ sequence: SequenceNumber, acceptedAt: Timestamp, key: OrderingKey? = nil, form: DeliveryForm = .event,
    eventCount: Int = 1, now: Timestamp? = nil
  ) {
    precondition(sequence >= scanned, "deliveries are admitted in order")
    scanned = sequence + 1
    defer { openGates() }
    guard !takeKnown(sequence) else { return }
    var entry = LaneWindow.Entry(
      sequence: sequence, acceptedAt: acceptedAt, key: settings.isOrdered ? key : nil, form: form,
      eventCount: eventCount, admittedAt: now ?? acceptedAt)
    guard let key = entry.key else {
      window.append(entry)
      return
    }
    guard let line = lines[key], line.holder != .scan || !line.isBeforeRuns(sequence) else {
      lines[key, default: KeyLine(holder: .window)].holder = .window
      window.append(entry)
      return
    }
    if line.isBeforeRuns(sequence), line.holder == .window, line.queued.count < KeyLine.Limit.queued {
      entry.state = .queued
      lines[key]?.queued.append(window.append(entry))
    } else {
      park(sequence, key: key, acceptedAt: acceptedAt)
    }
  }

  /// Whether an exception stands for an event already; it is then no longer expected.
  private mutating func takeKnown(_ sequence: SequenceNumber) -> Bool {
    guard !known.isEmpty, let events = known.removeValue(forKey: sequence) else { return false }
    knownEvents -= events
    return true
  }

  /// Nothing below `end` is wanted but what has been admitted.
  package mutating func pass(to end: SequenceNumber) {
    scanned = max(scanned, end)
    openGates()
  }

  /// Events that cannot be read: they become one dead letter, so that the lane can go on.
  package mutating func admitDamaged(
    _ first: SequenceNumber, eventCount: Int, acceptedAt: Timestamp, reason: String, now: Timestamp
  ) {
    precondition(first >= scanned, "deliveries are admitted in order")
    pass(to: first + eventCount)
    guard !takeKnown(first) else { return }
    changes[first] = DeliveryException(
      first: first, last: first + (eventCount - 1), eventCount: eventCount, state: .dead, acceptedAt: acceptedAt,
      attempts: 0, dueAt: now, firstAttemptAt: clock.reading(at: now), endedAt: now, lastError: reason)
  }

  /// How many more due retries may be admitted now.
  package var retryCapacity: Int {
    isStopped || breaker.isOpen ? 0 : max(0, Limit.readyRetries - ready.count)
  }

  /// Exceptions whose row in the journal is out of date or taken: not to be loaded.
  package var heldExceptions: Set<SequenceNumber> {
    var held = Set(changes.keys)
    held.formUnion(underWay.keys)
    held.formUnion(ready.lazy.map(\.first))
    if let outstanding { held.formUnion(outstanding.changes.keys) }
    return held
  }

  /// Takes retries that are due. Those that have become taken since they were loaded are ignored, and so are all when the
  /// subscriber has turned out to be down.
  package mutating func admitRetries(_ exceptions: [DeliveryException]) {
    guard !breaker.isOpen else { return }
    takeReady(exceptions)
  }

  private mutating func takeReady(_ exceptions: [DeliveryException]) {
    let held = heldExceptions
    ready.append(contentsOf: exceptions.lazy.filter { !held.contains($0.first) })
  }

  /// A retry whose event can no longer be read is dead.
  package mutating func giveUp(_ exception: DeliveryException, reason: String, now: Timestamp) {
    guard !heldExceptions.contains(exception.first) else { return }
    write(exception, state: .dead, error: reason, now: now)
    retrying -= 1
    waitingEvents -= exception.eventCount
    release(onceRecorded: exception.keys)
  }

  /// A number behind which an exception is wanted now to probe the subscriber with; nil if none is.
  package func probeToLoad(now: Timestamp) -> SequenceNumber? {
    guard case .open(let nextProbe) = breaker.state, nextProbe <= now, !isStopped, !isProbing, ready.isEmpty,
      hasExceptionToProbe, probesException || !hasUntried
    else { return nil }
    return lastProbed
  }

  /// - Parameter exception: Nil if there is none.
  package mutating func admitProbe(_ exception: DeliveryException?, now: Timestamp) {
    guard breaker.isOpen, ready.isEmpty else { return }
    if let exception { takeReady([exception]) }
    guard ready.isEmpty else { return }
    probesException = false
    if !hasUntried { breaker.probe(settings.breaker, now: now) }
  }
}
