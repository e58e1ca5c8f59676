import DequeModule

// What becomes of an attempt.

extension LaneStateMachine {
  /// Takes the outcome of an attempt.
  ///
  /// - Parameter fraction: A random number from 0 to 1, for the jitter; asked for when there is to be a retry.
  package mutating func finish(
    _ send: LaneSend, result: AttemptResult, now: Timestamp, fraction: @autoclosure () -> Double
  ) -> LaneVerdict {
    inFlight -= 1
    if send.isProbe { isProbing = false }
    let wasOpen = breaker.isOpen
    let slots = slotsToSettle(of: send)
    let verdict: LaneVerdict
    if result.outcome == .success {
      deliver(send, slots)
      verdict = .delivered
    } else {
      verdict = fail(send, slots, result, now: now, fraction: fraction)
    }
    tick(now: now)
    // Probes have changed the order.
    if wasOpen, !breaker.isOpen { window.sortTurns() }
    return verdict
  }

  /// Its slots as long as it is in the window; none if the cursor has passed it.
  private mutating func slotsToSettle(of send: LaneSend) -> [Int] {
    guard let first = send.slots.first else { return [] }
    if send.form == .batch { batches[first] = nil }
    return window.isInFlight(first) ? send.slots : []
  }

  private mutating func deliver(_ send: LaneSend, _ slots: [Int]) {
    if send.url == settings.url { breaker.succeed(concurrency: settings.concurrency) }
    if let limit = batchLimit, send.members.count >= limit {
      let grown = send.members.count + max(1, send.members.count / 10)
      batchLimit = grown < settings.batch?.maxEvents ?? 0 ? grown : nil
    }
    guard slots.isEmpty else {
      let keys = lines.isEmpty ? [] : slots.compactMap { window[$0].key }
      for slot in slots { window.settle(slot) }
      return release(keys)
    }
    let exception = takeUnderWay(send)
    switch exception.state {
    case .parked: advanceRuns(of: exception)
    default:
      changes[exception.first] = .some(nil)
      endedDuringExpiry?.insert(exception.first)
      retrying -= 1
      waitingEvents -= exception.eventCount
    }
    release(exception.keys.compactMap(\.self))
  }

  private mutating func takeUnderWay(_ send: LaneSend) -> DeliveryException {
    guard let exception = underWay.removeValue(forKey: send.sequence) else {
      preconditionFailure("an attempt finished that was not in flight")
    }
    return exception
  }

  private mutating func fail(
    _ send: LaneSend, _ slots: [Int], _ result: AttemptResult, now: Timestamp, fraction: () -> Double
  ) -> LaneVerdict {
    // What another URL has answered says nothing of the receiver that there is now.
    let isCurrent = send.url == settings.url
    let isHeld = isCurrent && heed(result, now: now)
    if result.status == HTTPStatus.gone {
      if isCurrent { hold.goneURL = settings.url }
      return putBack(send, slots)
    }
    let isTooLarge = result.status == HTTPStatus.contentTooLarge && send.members.count > 1
    let isPermanent = result.status.map(settings.retry.permanentStatuses.contains) ?? false
    if isTooLarge || isPermanent {
      // It speaks of the delivery; the receiver is there.
      if send.isProbe, isCurrent { breaker.recover() }
    } else if send.isProbe {
      return putBack(send, slots)
    } else if isCurrent, !isHeld {
      breaker.fail(send.sequence, isFirst: send.attempt == 1, settings.breaker, now: now)
      if breaker.isOpen {
        // They are loaded again when the subscriber is up.
        ready = []
        parkedWhileOpen = 0
      }
    }
    let failed = takeOut(send, slots, now: now)
    if isTooLarge {
      halve(failed, now: now)
      return .halved
    }
    let error = result.error ?? result.outcome.rawValue
    return isPermanent
      ? die(failed, error: error, now: now) : schedule(failed, error: error, now: now, fraction: fraction())
  }

  /// Holds the whole subscriber if it has asked for that; returns whether it has.
  private mutating func heed(_ result: AttemptResult, now: Timestamp) -> Bool {
    guard let wait = result.retryAfter, HTTPStatus.mayAskForTime.contains(result.status ?? 0) else { return false }
    let until = now + min(wait, settings.retry.retryAfterMax)
    guard until > now else { return false }
    hold.until = max(hold.until ?? until, until)
    return true
  }

  /// The delivery is owed as before: first in its turn, or, if it was a probe, last. Probes that always came first and
  /// always failed would keep all others from being tried.
  private mutating func putBack(_ send: LaneSend, _ slots: [Int]) -> LaneVerdict {
    guard slots.isEmpty else {
      putBack(slots, behindOthers: send.isProbe)
      return .owed
    }
    let exception = takeUnderWay(send)
    if exception.state == .parked { putBackRuns(of: exception) }
    return .owed
  }

  /// Makes an exception of what has failed, which from then on is no longer in the window or in a run.
  private mutating func takeOut(_ send: LaneSend, _ slots: [Int], now: Timestamp) -> DeliveryException {
    var failed = slots.isEmpty ? takeUnderWay(send) : exception(of: slots, form: send.form, dueAt: now, now: now)
    for slot in slots { window.settle(slot) }
    if failed.state == .parked { advanceRuns(of: failed) }
    if !slots.isEmpty || failed.state == .parked {
      retrying += 1
      waitingEvents += failed.eventCount
    }
    failed.state = .retrying
    failed.attempts += 1
    parkThoseBehind(failed.keys)
    return failed
  }

  private mutating func schedule(
    _ failed: DeliveryException, error: String, now: Timestamp, fraction: Double
  ) -> LaneVerdict {
    let patience = settings.retry.giveUpAfter - (clock.reading(at: now) - failed.firstAttemptAt)
    guard patience > .zero else { return die(failed, error: error, now: now) }
    var failed = failed
    // The last attempt is made when patience ends, not after it.
    let due = now + min(settings.retry.delay(afterAttempt: failed.attempts, fraction: fraction), patience)
    failed.dueAt = max(due, hold.until ?? due)
    write(failed, state: .retrying, error: error, now: now)
    return .retry(at: failed.dueAt)
  }

  private mutating func die(_ failed: DeliveryException, error: String, now: Timestamp) -> LaneVerdict {
    write(failed, state: .dead, error: error, now: now)
    retrying -= 1
    waitingEvents -= failed.eventCount
    release(onceRecorded: failed.keys)
    return .dead
  }

  /// Each half is a batch of its own, the second behind the first where they share a key. What comes later is tried with
  /// no more events than that, and a tenth more each time that goes well.
  private mutating func halve(_ failed: DeliveryException, now: Timestamp) {
    let middle = failed.members.count / 2
    batchLimit = max(1, middle)
    let firstHalf = part(of: failed, 0..<middle, now: now)
    write(firstHalf, state: .retrying, error: Self.tooLarge, now: now)
    let rest = middle..<failed.members.count
    let isKeyed = { (index: Int) in !failed.keys.isEmpty && failed.keys[index] != nil }
    let free = rest.filter { !isKeyed($0) }
    waitingEvents -= rest.count - free.count
    if !free.isEmpty {
      write(part(of: failed, free, now: now), state: .retrying, error: Self.tooLarge, now: now)
      retrying += 1
    }
    parkInFront(
      rest.filter(isKeyed).compactMap { index in failed.keys[index].map { (failed.members[index], $0) } },
      acceptedAt: failed.acceptedAt)
    let held = Set(firstHalf.keys)
    release(rest.compactMap { isKeyed($0) ? failed.keys[$0] : nil }.filter { !held.contains($0) })
  }

  private static let tooLarge = "the batch was too large for the receiver (413)"

  private func part(
    of whole: DeliveryException, _ indices: some Collection<Int>, now: Timestamp
  ) -> DeliveryException {
    var part = whole
    part.members = indices.map { whole.members[$0] }
    part.keys = whole.keys.isEmpty ? [] : indices.map { whole.keys[$0] }
    part.first = part.members[0]
    part.last = part.members[part.members.count - 1]
    part.eventCount = part.members.count
    part.attempts = 0
    part.dueAt = now
    return part
  }
}

private enum HTTPStatus {
  static let gone = 410
  static let contentTooLarge = 413
  /// Too many requests, and service unavailable: with `Retry-After` they hold the subscriber.
  static let mayAskForTime = [429, 503]
}

// MARK: Exceptions

extension LaneStateMachine {
  mutating func write(
    _ exception: DeliveryException, state: DeliveryException.State, error: String, now: Timestamp
  ) {
    var written = exception
    written.state = state
    written.lastError = error
    written.endedAt = state == .retrying ? nil : now
    if written.members.count == 1 { written.members = [] }
    changes[written.first] = written
    endedDuringExpiry?.insert(written.first)
  }

  /// What the deliveries of these slots become that went out together.
  func exception(of slots: [Int], form: DeliveryForm, dueAt: Timestamp, now: Timestamp) -> DeliveryException {
    let entry = window[slots[0]]
    let keys = slots.map { window[$0].key }
    return DeliveryException(
      first: entry.sequence, last: window[slots[slots.count - 1]].sequence,
      eventCount: form == .batch ? slots.count : entry.eventCount, state: .retrying, form: form,
      members: form == .batch ? slots.map { window[$0].sequence } : [],
      keys: keys.contains { $0 != nil } ? keys : [], acceptedAt: entry.acceptedAt, attempts: 0, dueAt: dueAt,
      firstAttemptAt: clock.reading(at: entry.sentAt ?? now), endedAt: nil, lastError: "")
  }
}
